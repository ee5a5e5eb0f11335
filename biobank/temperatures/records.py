"""What the log tells of a logger's file and of its excursions."""

import hashlib
from typing import Any

from biobank.core import moments
from biobank.temperatures.models import Excursion, TakenLoggerFile

Record = dict[str, Any]


def told(file: TakenLoggerFile, parcel: str) -> Record:
    """What its first entry says of a file; `verify` compares the two."""
    return {
        "parcel": parcel,
        "sha256": file.sha256,
        "layout": file.layout,
        "logger": file.logger,
        "count": file.count,
        "readings_sha256": hashlib.sha256(file.readings).hexdigest(),
        "first_at": moments.to_text(file.first_at),
        "last_at": moments.to_text(file.last_at),
        "lowest_hundredths": file.lowest_hundredths,
        "highest_hundredths": file.highest_hundredths,
        "mean_kinetic_hundredths": file.mean_kinetic_hundredths,
        "confirmation": file.confirmation,
        "taken_by": file.taken_by,
        "taken_at": moments.to_text(file.taken_at),
    }


def excursion_told(excursion: Excursion, item: str) -> Record:
    return {
        "item": item,
        "limit": f"{excursion.side} {excursion.limit_celsius}",
        "allowed_minutes": excursion.allowed_minutes,
        "peak_hundredths": excursion.peak_hundredths,
        "peak_at": moments.to_text(excursion.peak_at),
        "minutes": excursion.minutes,
    }
