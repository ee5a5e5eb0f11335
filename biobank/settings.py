"""Settings: frozen, typed; `config/default.toml` < the file in BIOBANK_CONFIG < BIOBANK_* variables."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from biobank.core.errors import Invalid

ROOT = Path(__file__).resolve().parent.parent
DEFAULT_FILE = ROOT / "config" / "default.toml"
PREFIX = "BIOBANK_"
# Variables of ours that are no settings: the file's own name, the token of a command, the tests' server.
NOT_SETTINGS = {"BIOBANK_CONFIG", "BIOBANK_TOKEN", "BIOBANK_PASSWORD", "BIOBANK_TEST_DATABASE_URL"}


class SettingRefused(Invalid):
    """A setting that is unknown, of the wrong type or cannot work."""

    title = "Setting refused"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What may differ between installations; meanings and units stand in `config/default.toml`."""

    database_url: str
    identity_database_url: str
    secret_key_file: str
    ledger_key_file: str
    pseudonym_key_file: str
    vault_key_file: str
    answers_key_file: str
    certificate_keys_folder: str
    certificate_warning_days: int
    checkpoint_folder: str
    withdrawal_journal_file: str
    programme: str
    ledger_origin: str
    participant_code_pattern: str
    time_zone: str
    kits_folder: str
    processing_folder: str
    safety_folder: str
    safety_answers_days: int
    compensation: str
    stocks_file: str
    printers_file: str
    downtime_file: str
    limits_file: str
    statement_file: str
    discrepancies_file: str
    storing_file: str
    messages_folder: str
    contact_phone: str
    contact_email: str
    contact_address: str
    smtp_host: str
    smtp_port: int
    smtp_security: str
    smtp_user: str
    smtp_password_file: str
    smtp_ca_file: str
    smtp_timeout_seconds: int
    mail_from: str
    mail_reply_to: str
    message_interval_seconds: int
    message_attempts: int
    message_late_hours: int
    hold_window_days: int
    order_overdue_days: int
    custodian_answer_days: int
    pool_policy: str
    clinics_destroy: bool
    undecided_due_days: int
    feed_acknowledgement_days: int
    inventory_cycle_days: int
    inventory_second_count_from: int
    clock_skew_minutes: int
    late_entry_hours: int
    station_clock_warn_minutes: int
    station_clock_flag_minutes: int
    offline_lists_warn_hours: int
    pick_out_hours: int
    pick_thaw_minutes: int
    seal_interval_milliseconds: int
    unsealed_alarm_seconds: int
    scan_log_days: int
    kit_expiry_warning_days: int
    mailed_kit_days: int
    mailed_sample_hours: int
    late_dispatch_hours: int
    late_receipt_hours: int
    session_idle_minutes: int
    station_idle_seconds: int
    session_absolute_hours: int
    token_days: int
    public_url: str
    setup_link_hours: int
    second_proof_roles: str
    failed_signings_alarm: int
    serve_host: str
    serve_port: int
    serve_threads: int
    trusted_proxy: str
    demo: bool

    def with_changes(self, **changes: Any) -> "Settings":
        return replace(self, **changes)


KEY_FILES = {
    "secret_key_file": "secret.key",
    "ledger_key_file": "ledger.key",
    "pseudonym_key_file": "pseudonym.key",
    "vault_key_file": "vault.key",
    "answers_key_file": "answers.key",
}
KEY_FOLDERS = {"certificate_keys_folder": "certificates"}
TYPES: dict[str, type] = {
    field.name: field.type for field in fields(Settings) if isinstance(field.type, type)
}


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read all three layers. Raises `SettingRefused` with the name, the place and what is allowed."""
    variables = os.environ if environment is None else environment
    values = _from_file(DEFAULT_FILE)
    if variables.get("BIOBANK_CONFIG"):
        values |= _from_file(Path(variables["BIOBANK_CONFIG"]))
    values |= _from_environment(variables)
    return _with_keys(_rooted(Settings(**values)))


def _from_file(path: Path) -> dict[str, Any]:
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as problem:
        raise SettingRefused(f"The settings file {path} cannot be read: {problem.strerror}.") from problem
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise SettingRefused(f"The settings file {path} is not TOML: {problem}.") from problem
    return {name: _checked(name, value, str(path)) for name, value in values.items()}


def _from_environment(variables: Mapping[str, str]) -> dict[str, Any]:
    ours = {name: text for name, text in variables.items() if name.startswith(PREFIX)}
    return {
        (name := variable.removeprefix(PREFIX).lower()): _checked(name, _parsed(name, text), variable)
        for variable, text in ours.items()
        if variable not in NOT_SETTINGS
    }


def _parsed(name: str, text: str) -> Any:
    kind = TYPES.get(name)
    if kind is bool and text.lower() in ("true", "false", "1", "0"):
        return text.lower() in ("true", "1")
    if kind is int and text.lstrip("-").isdigit():
        return int(text)
    return text


ONE_OF: Mapping[str, tuple[str, ...]] = {"pool_policy": ("destroy_pool", "keep_pool")}


def _checked(name: str, value: Any, where: str) -> Any:
    if name not in TYPES:
        raise SettingRefused(f"{where} sets {name!r}, which is no setting; see config/default.toml.")
    kind = TYPES[name]
    if type(value) is not kind:
        raise SettingRefused(f"{where} sets {name} to {value!r}; it must be of type {kind.__name__}.")
    if value not in ONE_OF.get(name, (value,)):
        raise SettingRefused(f"{where} sets {name} to {value!r}; it is one of {', '.join(ONE_OF[name])}.")
    if isinstance(value, int) and value < 0:
        raise SettingRefused(f"{where} sets {name} to {value}; it cannot be negative.")
    return value


def _rooted(settings: Settings) -> Settings:
    """Folders of the product itself are found wherever the service is started from."""
    return replace(
        settings,
        kits_folder=str(ROOT / settings.kits_folder),
        processing_folder=str(ROOT / settings.processing_folder),
        safety_folder=str(ROOT / settings.safety_folder),
        stocks_file=str(ROOT / settings.stocks_file),
        printers_file=str(ROOT / settings.printers_file),
        downtime_file=str(ROOT / settings.downtime_file),
        limits_file=str(ROOT / settings.limits_file),
        statement_file=str(ROOT / settings.statement_file),
        discrepancies_file=str(ROOT / settings.discrepancies_file),
        storing_file=str(ROOT / settings.storing_file),
        messages_folder=str(ROOT / settings.messages_folder),
    )


def _with_keys(settings: Settings) -> Settings:
    """Key files that are not named lie beside an SQLite database, so that moving the folder moves them."""
    try:
        url = make_url(settings.database_url)
    except ArgumentError as problem:
        raise SettingRefused(
            f"database_url is {settings.database_url!r}, which is no address of a database; "
            "write it like sqlite:///var/biobank.db or postgresql://user@host/name.",
        ) from problem
    if url.get_backend_name() != "sqlite" or not url.database:
        return settings
    folder = Path(url.database).resolve().parent / "keys"
    places = KEY_FILES | KEY_FOLDERS
    missing = [name for name in places if not getattr(settings, name)]
    return settings.with_changes(**{name: str(folder / places[name]) for name in missing})
