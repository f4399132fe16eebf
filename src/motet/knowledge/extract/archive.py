"""ZIP containers (Office, OpenDocument, EPUB), opened with limits against bombs."""

from __future__ import annotations

import io
import zipfile
import zlib
from typing import TYPE_CHECKING

from motet.core.errors import ExtractionError

if TYPE_CHECKING:
    from lxml.etree import _Element

MAX_UNPACKED = 1 << 30
MAX_RATIO = 200
MAX_MEMBERS = 50_000
_RATIO_FROM = 64 << 20


class Archive:
    """The members of a ZIP container, read on demand.

    Raises ExtractionError when the container is damaged, encrypted, or would unpack to more
    than 1 GiB, to more than 200 times its size (from 64 MiB on), or to over 50,000 members.
    """

    def __init__(self, data: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
            raise ExtractionError("not a ZIP container: damaged or mislabelled") from None
        members = self._zip.infolist()
        unpacked = sum(member.file_size for member in members)
        if unpacked > MAX_UNPACKED or len(members) > MAX_MEMBERS:
            raise ExtractionError(
                f"the container would unpack to {unpacked >> 20} MiB in {len(members)} files; "
                f"the limits are {MAX_UNPACKED >> 20} MiB and {MAX_MEMBERS:,} files"
            )
        if unpacked > _RATIO_FROM and unpacked > MAX_RATIO * len(data):
            raise ExtractionError(
                f"the container would unpack to {unpacked // len(data)} times its size; "
                f"more than {MAX_RATIO} is refused as a bomb"
            )
        self.names = frozenset(member.filename for member in members)

    def read(self, name: str) -> bytes:
        """Return a member's bytes."""
        try:
            return self._zip.read(name)
        except KeyError:
            raise ExtractionError(f"the container lacks its part {name}") from None
        except NotImplementedError:
            raise ExtractionError(f"{name} is compressed in a way that cannot be read") from None
        except RuntimeError:
            raise ExtractionError("the file is encrypted and needs a password") from None
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError):
            raise ExtractionError(f"the container is damaged at its part {name}") from None

    def xml(self, name: str) -> _Element:
        """Return a member parsed as XML."""
        return parse_xml(self.read(name), name)

    def optional_xml(self, name: str) -> _Element | None:
        """Return a member parsed as XML, or None where there is no such member."""
        return self.xml(name) if name in self.names else None


def parse_xml(data: bytes, name: str) -> _Element:
    """Parse XML without entities, DTDs and network; nesting and text sizes are limited.

    Raises ExtractionError for entity declarations and for XML that cannot be parsed.
    """
    from lxml import etree

    if b"<!ENTITY" in data:
        raise ExtractionError(f"{name} declares XML entities, which are refused")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True
    )
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        reason = str(error).split(" (<")[0]
        raise ExtractionError(f"{name} is damaged: {reason}") from None


def local(element: _Element) -> str:
    """Return an element's tag without its namespace ("" for comments and instructions)."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def attribute(element: _Element, name: str) -> str | None:
    """Return an attribute by its local name, whatever its namespace."""
    for key, value in element.attrib.items():
        if str(key).rpartition("}")[2] == name:
            return str(value)
    return None
