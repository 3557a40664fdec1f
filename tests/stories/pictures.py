"""Small pictures, and what only looks like one."""

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 16
JPEG = b"\xff\xd8\xff\xe0" + b"\x00" * 16
ICO = b"\x00\x00\x01\x00\x01\x00" + b"\x00" * 16
WEBP = b"RIFF\x10\x00\x00\x00WEBPVP8 " + b"\x00" * 16
GIF = b"GIF89a" + b"\x00" * 16


def svg(
    inside: str = "<rect width='4' height='4' fill='url(#red)'/>", attributes: str = ""
) -> bytes:
    return f"<svg xmlns='http://www.w3.org/2000/svg' {attributes}>{inside}</svg>".encode()
