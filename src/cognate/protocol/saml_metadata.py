"""
Metadata of SAML 2.0 identity providers, as far as signing in with one needs it.

A document with a DTD is refused unread, so that nothing expands (threats.md S5). Source: SAML 2.0
Metadata (saml-metadata-2.0-os), sections 2.3 and 2.4.
"""

import base64
import binascii
from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat

MAXIMUM_LENGTH: Final = 1024 * 1024  # characters
MAXIMUM_DEPTH: Final = 50

METADATA: Final = "urn:oasis:names:tc:SAML:2.0:metadata"
SIGNATURE: Final = "http://www.w3.org/2000/09/xmldsig#"
REDIRECT: Final = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"

ENTITY: Final = f"{METADATA} EntityDescriptor"
IDENTITY_PROVIDER: Final = f"{METADATA} IDPSSODescriptor"
KEY: Final = f"{METADATA} KeyDescriptor"
CERTIFICATE: Final = f"{SIGNATURE} X509Certificate"


class MetadataError(ValueError):
    """Not the metadata of an identity provider, in words for who wrote it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SamlMetadata:
    """
    `certificates`: those for signatures, DER. The addresses are those of the HTTP-Redirect
    binding, None where the document has none.
    """

    entity_id: str
    certificates: tuple[bytes, ...]
    sign_in_url: str | None
    sign_out_url: str | None


@dataclass(slots=True)
class _Reader:
    path: list[str] = field(default_factory=list)
    entity_id: str | None = None
    is_signing_key: bool = False
    certificate: list[str] | None = None
    certificates: list[bytes] = field(default_factory=list)
    addresses: dict[str, str] = field(default_factory=dict)  # by local name of the service

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.path.append(name)
        if len(self.path) > MAXIMUM_DEPTH:
            raise MetadataError("is nested too deeply")
        if name == ENTITY and self.entity_id is None:
            self.entity_id = attributes.get("entityID")
        if IDENTITY_PROVIDER not in self.path:
            return
        if name == KEY:
            self.is_signing_key = attributes.get("use", "signing") == "signing"
        elif name == CERTIFICATE and KEY in self.path and self.is_signing_key:
            self.certificate = []
        elif attributes.get("Binding") == REDIRECT and "Location" in attributes:
            self.addresses.setdefault(name.rpartition(" ")[2], attributes["Location"])

    def text(self, data: str) -> None:
        if self.certificate is not None:
            self.certificate.append(data)

    def end(self, name: str) -> None:
        self.path.pop()
        if name == CERTIFICATE and self.certificate is not None:
            text = "".join("".join(self.certificate).split())
            self.certificate = None
            try:
                self.certificates.append(base64.b64decode(text, validate=True))
            except binascii.Error as cause:
                raise MetadataError("has a certificate that is not Base64") from cause


def _no_dtd(*_: object) -> None:
    raise MetadataError("has a document type declaration")


def parse(text: str) -> SamlMetadata:
    """
    Raises:
        MetadataError: too long, not well-formed, with a DTD, or of no identity provider.
    """
    if len(text) > MAXIMUM_LENGTH:
        raise MetadataError("is too long")
    reader = _Reader()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartDoctypeDeclHandler = _no_dtd
    parser.StartElementHandler = reader.start
    parser.CharacterDataHandler = reader.text
    parser.EndElementHandler = reader.end
    try:
        parser.Parse(text, True)
    except expat.ExpatError as cause:
        raise MetadataError("is not well-formed XML") from cause
    if not reader.entity_id:
        raise MetadataError("describes no entity")
    return SamlMetadata(
        entity_id=reader.entity_id,
        certificates=tuple(reader.certificates),
        sign_in_url=reader.addresses.get("SingleSignOnService"),
        sign_out_url=reader.addresses.get("SingleLogoutService"),
    )
