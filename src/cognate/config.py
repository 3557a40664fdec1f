"""
Settings: every option of the command line, also as COGNATE_* and in `cognate.toml`.

The command line wins over the environment, the environment over the file, the file over defaults.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from cognate.domain.deployment import IssuerForm

PREFIX = "COGNATE_"
FILE = "cognate.toml"
LOG_LEVELS = ("debug", "info", "warning", "error")
MODES = ("development", "production")
ISSUERS: tuple[IssuerForm, ...] = ("own", "aws")
MAXIMUM_PORT = 65535
ACCOUNT_ID = re.compile(r"[0-9]{12}")
DIGITS = re.compile(r"[0-9]+")


class ConfigurationError(Exception):
    """A setting that cannot be used, in words for the person who wrote it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """
    `database`: a `sqlite:///path` or `postgresql://…` URL; None is the file in `data`.
    `master_key`: base64url keys, the current one first; None is the file in `data`.
    `issuer`: own is `{public URL}/{pool id}`, aws the URL that the service itself would use.
    `compromised_passwords`: a sorted file of SHA-1 digests of passwords found in breaches.
    `smtp`: `smtp://user:password@host:port`, `smtps://…`; None keeps messages in the inbox.
    """

    host: str = "127.0.0.1"
    port: int = 9229
    workers: int = 1
    data: Path = Path(".cognate")
    database: str | None = None
    mode: str = "development"
    region: str = "us-east-1"
    account_id: str = "000000000000"
    public_url: str | None = None
    issuer: IssuerForm = "own"
    simulate_quotas: bool = False
    master_key: str | None = None
    fixed_code: str | None = None
    insecure_fast_passwords: bool = False
    smtp: str | None = None
    smtp_from: str = "no-reply@cognate.local"
    compromised_passwords: str | None = None
    log_level: str = "info"

    @property
    def is_production(self) -> bool:
        return self.mode == "production"

    @property
    def own_url(self) -> str:
        """Where clients reach the server; no trailing slash."""
        if self.public_url is not None:
            return self.public_url.rstrip("/")
        host = "localhost" if self.host in ("0.0.0.0", "127.0.0.1", "::") else self.host  # noqa: S104 - a comparison
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    def checked(self) -> "Settings":
        """
        Raises:
            ConfigurationError: a value out of range, or a development shortcut in production.
        """
        url = self.public_url
        for holds, fault in (
            (self.mode in MODES, f"mode is development or production, not {self.mode}"),
            (0 <= self.port <= MAXIMUM_PORT, f"port is 0 to {MAXIMUM_PORT}, not {self.port}"),
            (self.workers >= 1, "workers is 1 or more"),
            (ACCOUNT_ID.fullmatch(self.account_id) is not None, "account-id has 12 digits"),
            (self.issuer in ISSUERS, f"issuer is own or aws, not {self.issuer}"),
            (self.log_level in LOG_LEVELS, f"log-level is one of {', '.join(LOG_LEVELS)}"),
            (
                url is None or url.startswith(("http://", "https://")),
                "public-url begins with http:// or https://",
            ),
            (
                self.fixed_code is None or DIGITS.fullmatch(self.fixed_code) is not None,
                "fixed-code has only digits",
            ),
            (
                not (self.is_production and self.fixed_code is not None),
                "fixed-code is refused in production mode",
            ),
            (
                not (self.is_production and self.insecure_fast_passwords),
                "insecure-fast-passwords is refused in production mode",
            ),
        ):
            if not holds:
                raise ConfigurationError(fault)
        return self


def load(given: Mapping[str, Any], *, environment: Mapping[str, str], directory: Path) -> Settings:
    """
    Settings from the command line (`given`, None values were not given), environment and file.

    The file is looked for in `directory`; the data directory lies there too, and a relative one
    that the file names.

    Raises:
        ConfigurationError: an unknown name, or a value that cannot be read or used.
    """
    names = {field.name for field in fields(Settings)}
    values: dict[str, Any] = {"data": directory / Settings().data}
    file = directory / FILE
    if file.exists():
        try:
            stored = tomllib.loads(file.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as cause:
            raise ConfigurationError(f"{file}: {cause}") from cause
        for key, value in stored.items():
            name = key.replace("-", "_")
            if name not in names:
                raise ConfigurationError(f"{file}: there is no setting {key}")
            values[name] = directory / str(value) if name == "data" else value
    for name in names:
        value = environment.get(PREFIX + name.upper())
        if value is not None and value != "":
            values[name] = value
    values.update({name: value for name, value in given.items() if value is not None})
    settings = Settings()
    for name, value in values.items():
        settings = replace(settings, **{name: _converted(name, value)})
    return settings.checked()


def _converted(name: str, value: Any) -> Any:
    default = getattr(Settings(), name)
    try:
        if isinstance(default, bool):
            return value if isinstance(value, bool) else _flag(str(value))
        if isinstance(default, int):
            return int(value)
        if isinstance(default, Path):
            return Path(value)
    except ValueError as cause:
        shown = name.replace("_", "-")
        raise ConfigurationError(f"{shown} cannot be {value!r}") from cause
    return str(value)


def _flag(text: str) -> bool:
    match text.lower():
        case "1" | "true" | "yes" | "on":
            return True
        case "0" | "false" | "no" | "off":
            return False
        case _:
            raise ValueError(text)
