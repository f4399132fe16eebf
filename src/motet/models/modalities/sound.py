"""How long a recording is, as its file says."""

from __future__ import annotations

import struct

_SLOWEST = 500.0
"""Bytes per second of the most sparing speech codec that is in use (Opus, 4 kbit/s)."""


def seconds_of(data: bytes) -> float | None:
    """Return the seconds of a WAV or FLAC file, None for others and for damaged ones.

    RIFF: http://soundfile.sapp.org/doc/WaveFormat; FLAC: RFC 9639, section 8.2.
    """
    try:
        if data[:4] == b"RIFF" and data[8:12] == b"WAVE":
            return _wave(data)
        if data[:4] == b"fLaC":
            return _flac(data)
    except struct.error:
        return None
    return None


def most_seconds(data: bytes) -> float:
    """Return a time that the recording does not exceed."""
    known = seconds_of(data)
    return len(data) / _SLOWEST if known is None else known


def _wave(data: bytes) -> float | None:
    place, rate = 12, 0
    while place + 8 <= len(data):
        name, size = data[place : place + 4], struct.unpack_from("<I", data, place + 4)[0]
        if name == b"fmt ":
            samples, told, frame = struct.unpack_from("<IIH", data, place + 12)
            # A file that claims a faster rate than its samples make is not shorter by that.
            rate = min(told, samples * frame)
        elif name == b"data":
            # A recorder that streams does not know the size yet and writes the largest.
            return min(size, len(data) - place - 8) / rate if rate else None
        place += 8 + size + size % 2
    return None


def _flac(data: bytes) -> float | None:
    rate_and_count = struct.unpack_from(">Q", data, 18)[0]
    rate, samples = rate_and_count >> 44, rate_and_count & (1 << 36) - 1
    return samples / rate if rate and samples else None
