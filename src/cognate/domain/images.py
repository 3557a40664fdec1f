"""Images that owners of a pool put on its pages: what they are, and that they run nothing."""

import re
from typing import Final
from xml.parsers import expat

PNG = "PNG"
JPEG = "JPEG"
ICO = "ICO"
WEBP = "WEBP"
SVG = "SVG"

MAXIMUM_SVG_DEPTH: Final = 100
SVG_NAMESPACE: Final = "http://www.w3.org/2000/svg"
XLINK_NAMESPACE: Final = "http://www.w3.org/1999/xlink"

# Of SVG, what draws. Not among it: script, foreignObject, links, and animation, which can set any
# attribute after it was looked at.
DRAWING: Final = frozenset(
    {
        "circle",
        "clipPath",
        "defs",
        "desc",
        "ellipse",
        "feBlend",
        "feColorMatrix",
        "feComponentTransfer",
        "feComposite",
        "feConvolveMatrix",
        "feDiffuseLighting",
        "feDisplacementMap",
        "feDistantLight",
        "feDropShadow",
        "feFlood",
        "feFuncA",
        "feFuncB",
        "feFuncG",
        "feFuncR",
        "feGaussianBlur",
        "feImage",
        "feMerge",
        "feMergeNode",
        "feMorphology",
        "feOffset",
        "fePointLight",
        "feSpecularLighting",
        "feSpotLight",
        "feTile",
        "feTurbulence",
        "filter",
        "g",
        "image",
        "line",
        "linearGradient",
        "marker",
        "mask",
        "metadata",
        "path",
        "pattern",
        "polygon",
        "polyline",
        "radialGradient",
        "rect",
        "stop",
        "style",
        "svg",
        "switch",
        "symbol",
        "text",
        "textPath",
        "title",
        "tspan",
        "use",
    }
)
EMBEDDED: Final = re.compile(r"data:image/(png|jpeg|webp);base64,[A-Za-z0-9+/=\s]*")
LOCAL_URL: Final = re.compile(r"url\(\s*['\"]?#")
URL: Final = re.compile(r"url\(")


def kind_of(content: bytes) -> str | None:
    """What the bytes are by their own first ones; None where they are none of these."""
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if content.startswith(b"\xff\xd8\xff"):
        return JPEG
    if content.startswith(b"\x00\x00\x01\x00"):
        return ICO
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return WEBP
    return SVG if _is_drawing(content) else None


class _Unsafe(Exception):
    """Something that an image does not need."""


class _Drawing:
    """Looks at a document as it is read."""

    def __init__(self) -> None:
        self._depth = 0
        self._in_style = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        namespace, _, local = name.rpartition(" ")
        if self._depth == 0 and (namespace, local) != (SVG_NAMESPACE, "svg"):
            raise _Unsafe
        self._depth += 1
        if self._depth > MAXIMUM_SVG_DEPTH:
            raise _Unsafe
        if namespace == SVG_NAMESPACE and local not in DRAWING:
            raise _Unsafe
        if namespace != SVG_NAMESPACE and "xhtml" in namespace:
            raise _Unsafe
        self._in_style = local == "style"
        for attribute, value in attributes.items():
            _check_attribute(attribute, value)

    def text(self, data: str) -> None:
        if self._in_style:
            _check_style(data)

    def end(self, _: str) -> None:
        self._depth -= 1
        self._in_style = False


def _check_attribute(name: str, value: str) -> None:
    local = name.rpartition(" ")[2].lower()
    if local.startswith("on"):
        raise _Unsafe
    if local in ("href", "src") and not value.startswith("#") and not EMBEDDED.fullmatch(value):
        raise _Unsafe
    _check_style(value)


def _check_style(text: str) -> None:
    """A reverse solidus could spell any of these otherwise."""
    lowered = text.lower()
    if "javascript:" in lowered or "@import" in lowered or "\\" in text:
        raise _Unsafe
    if len(URL.findall(lowered)) != len(LOCAL_URL.findall(lowered)):
        raise _Unsafe


def _refuse(*_: object) -> None:
    raise _Unsafe


def _is_drawing(content: bytes) -> bool:
    """An SVG document without a DTD that only draws, and loads nothing."""
    drawing = _Drawing()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartDoctypeDeclHandler = _refuse
    parser.ProcessingInstructionHandler = _refuse
    parser.buffer_text = True  # else a word could come in two pieces
    parser.buffer_size = max(len(content), 1)
    parser.StartElementHandler = drawing.start
    parser.CharacterDataHandler = drawing.text
    parser.EndElementHandler = drawing.end
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, _Unsafe):
        return False
    return True
