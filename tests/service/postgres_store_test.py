"""Runs a test program against a PostgreSQL of its own, whose address it finds in OVI_TEST_POSTGRES:

    postgres_store_test.py build/dev/bin/postgres_store_test [argument...]
"""

import os
import subprocess
import sys

from postgres_server import SKIPPED, PostgresServer, find_programs


def main():
    if find_programs() is None:
        print("skipped: there is no PostgreSQL server here (package postgresql)")
        return SKIPPED
    # What the store promises of the disk is in kill_test; here it is the statements that count.
    with PostgresServer(durable=False) as postgres:
        return subprocess.run(sys.argv[1:], env={**os.environ, "OVI_TEST_POSTGRES": postgres.uri}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
