"""Certificates for tests, made by openssl as an operator would make them."""

import pathlib
import subprocess


class Authority:
    """Signs certificates; everything lies in `folder`."""

    def __init__(self, folder, name):
        self.folder = pathlib.Path(folder)
        self.name = name
        self.certificate = self.folder / f"{name}.crt"
        self._key = self.folder / f"{name}.key"
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                "-subj", f"/CN={name}", "-keyout", self._key, "-out", self.certificate)

    def sign(self, common_name, alternative_names="", file=None):
        """(certificate, key) paths; the key is for its owner's eyes."""
        file = file or common_name.replace("/", "_")
        key, request, certificate = (self.folder / f"{file}.{suffix}" for suffix in ("key", "csr", "crt"))
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={common_name}",
                "-keyout", key, "-out", request)
        extensions = self.folder / f"{file}.ext"
        extensions.write_text(f"subjectAltName={alternative_names}\n" if alternative_names else "\n")
        openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self._key, "-CAcreateserial",
                "-days", "2", "-extfile", extensions, "-out", certificate)
        key.chmod(0o600)
        return certificate, key


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, timeout=60)
