#include "server/access/tls_files.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <memory>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "server/access/guarded_file.h"

namespace ovi {
namespace {

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

absl::Status Wrong(std::string_view flag, const std::string& path, std::string_view why) {
  return absl::InvalidArgumentError(absl::StrFormat("--%s: %s: %s", flag, path, why));
}

absl::StatusOr<GuardedFile> Read(std::string_view flag, const std::string& path) {
  absl::StatusOr<GuardedFile> file = ReadGuardedFile(path);
  if (file.ok()) return file;
  return absl::Status(file.status().code(), absl::StrFormat("--%s: %s", flag, std::string(file.status().message())));
}

Bio Over(const std::string& text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), &BIO_free);
}

// The first certificate in the file; every other one must be readable too.
absl::StatusOr<Certificate> ReadCertificate(std::string_view flag, const std::string& path, const std::string& text) {
  const Bio bio = Over(text);
  ERR_clear_error();
  Certificate first(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr), &X509_free);
  if (first == nullptr) return Wrong(flag, path, "there is no PEM certificate in it (-----BEGIN CERTIFICATE-----)");
  while (Certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr), &X509_free) != nullptr) {
  }
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  if (!at_end) return Wrong(flag, path, "a certificate after the first one is damaged");
  return first;
}

absl::StatusOr<Key> ReadKey(std::string_view flag, const std::string& path, const GuardedFile& file) {
  if (file.others_can_read) {
    return absl::PermissionDeniedError(absl::StrFormat(
        "--%s: %s: everybody on this machine can read it, and whoever has the key can pose as this server; chmod o= it",
        flag, path));
  }
  bool encrypted = false;
  const auto refuse_passphrase = [](char*, int, int, void* asked) {
    *static_cast<bool*>(asked) = true;
    return -1;
  };
  Key key(PEM_read_bio_PrivateKey(Over(file.text).get(), nullptr, refuse_passphrase, &encrypted), &EVP_PKEY_free);
  ERR_clear_error();
  if (key != nullptr) return key;
  return Wrong(flag, path,
               encrypted ? "the key has a passphrase, for which nobody is there to be asked; store it without one"
                         : "there is no PEM private key in it (-----BEGIN PRIVATE KEY-----)");
}

std::string TextOf(const Bio& bio) {
  char* data = nullptr;
  const int64_t size = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, static_cast<size_t>(size));
}

std::string Describe(const X509* certificate, bool ask_clients) {
  const Bio name(BIO_new(BIO_s_mem()), &BIO_free), until(BIO_new(BIO_s_mem()), &BIO_free);
  X509_NAME_print_ex(name.get(), X509_get_subject_name(certificate), 0, XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_MSB);
  ASN1_TIME_print(until.get(), X509_get0_notAfter(certificate));
  const bool expired = X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0;
  return absl::StrFormat("certificate of %s, valid until %s%s%s", TextOf(name), TextOf(until),
                         expired ? ", which is past: clients will refuse it" : "",
                         ask_clients ? "; clients must show one of theirs" : "");
}

}  // namespace

absl::StatusOr<TlsContents> ReadTlsFiles(const TlsFiles& files) {
  OVI_ASSIGN_OR_RETURN(const GuardedFile certificates, Read("tls_certificate", files.certificate));
  OVI_ASSIGN_OR_RETURN(const Certificate certificate,
                       ReadCertificate("tls_certificate", files.certificate, certificates.text));
  OVI_ASSIGN_OR_RETURN(const GuardedFile key_file, Read("tls_key", files.key));
  OVI_ASSIGN_OR_RETURN(const Key key, ReadKey("tls_key", files.key, key_file));
  const bool match = X509_check_private_key(certificate.get(), key.get()) == 1;
  ERR_clear_error();
  if (!match) {
    return Wrong("tls_key", files.key,
                 absl::StrFormat("the key does not belong to the first certificate in %s", files.certificate));
  }
  TlsContents contents;
  if (!files.client_ca.empty()) {
    OVI_ASSIGN_OR_RETURN(GuardedFile client_ca, Read("tls_client_ca", files.client_ca));
    OVI_RETURN_IF_ERROR(ReadCertificate("tls_client_ca", files.client_ca, client_ca.text).status());
    contents.client_ca = std::move(client_ca.text);
  }
  contents.identity = absl::StrFormat("%s\n%s", certificates.text, key_file.text);
  contents.description = Describe(certificate.get(), !files.client_ca.empty());
  return contents;
}

}  // namespace ovi
