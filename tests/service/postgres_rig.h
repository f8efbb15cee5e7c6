// A PostgreSQL store for a test, in a schema that nobody else uses. The server is that of OVI_TEST_POSTGRES, which
// postgres_store_test.py starts.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "server/stores/postgres/postgres_connection.h"
#include "server/stores/postgres/postgres_job_store.h"

namespace ovi {

class PostgresRig {
 public:
  PostgresRig() {
    const char* uri = std::getenv("OVI_TEST_POSTGRES");
    if (uri == nullptr) {
      ADD_FAILURE() << "OVI_TEST_POSTGRES is not set; run tests/service/postgres_store_test.py";
      std::abort();
    }
    admin_ = *PostgresConnection::Open(uri);
    const std::string schema = "test_" + JobId::Random().value();
    Execute("CREATE SCHEMA " + schema + "; SET search_path = " + schema);
    address = std::string(uri) + "?options=-csearch_path%3D" + schema;
  }

  std::unique_ptr<PostgresJobStore> Open(const std::string& server_uid, absl::Duration lease = absl::Minutes(1)) const {
    auto store = PostgresJobStore::Open({.address = address, .lease = lease, .server_uid = server_uid});
    EXPECT_TRUE(store.ok()) << store.status();
    return *std::move(store);
  }
  // Straight to the tables.
  void Execute(const std::string& sql) { ASSERT_TRUE(admin_->Execute(sql).ok()) << sql; }
  int64_t Ask(const char* sql) { return (*admin_->Query(sql))[0].Integer(0); }
  // As if whoever makes jobs had not been heard of for longer than a lease.
  void EndLeases() { Execute("UPDATE ovi_jobs SET lease_until = clock_timestamp() WHERE state = 'RUNNING'"); }
  // As a restart of the database: every connection but ours is cut.
  void CutConnections() {
    Execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND "
        "backend_type = 'client backend'");
  }

  std::string address;

 private:
  std::unique_ptr<PostgresConnection> admin_;
};

}  // namespace ovi
