"""Reads TensorBoard event files without any of the project's code: checks every checksum, prints the scalars.

    python3 tests/tensorboard/read_events.py RUN/tensorboard

Where the package tensorboard is installed, its own reader must give the same scalars.
"""

import struct
import sys
from pathlib import Path

TABLE = []
for byte in range(256):
    for _ in range(8):
        byte = (byte >> 1) ^ 0x82F63B78 if byte & 1 else byte >> 1
    TABLE.append(byte)


def masked_crc(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = TABLE[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    crc ^= 0xFFFFFFFF
    return (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF


def records(path):
    data = path.read_bytes()
    at = 0
    while at < len(data):
        (length,) = struct.unpack_from("<Q", data, at)
        (length_crc,) = struct.unpack_from("<I", data, at + 8)
        payload = data[at + 12:at + 12 + length]
        (crc,) = struct.unpack_from("<I", data, at + 12 + length)
        assert len(payload) == length, f"{path}: cut off at byte {at}"
        assert masked_crc(data[at:at + 8]) == length_crc, f"{path}: checksum of the length at byte {at}"
        assert masked_crc(payload) == crc, f"{path}: checksum of the record at byte {at}"
        yield payload
        at += 16 + length


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            return value, at


def fields(data):
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        kind = key & 7
        if kind == 0:
            value, at = varint(data, at)
        elif kind in (1, 5):
            size = 8 if kind == 1 else 4
            (value,) = struct.unpack_from("<d" if kind == 1 else "<f", data, at)
            at += size
        elif kind == 2:
            length, at = varint(data, at)
            value = data[at:at + length]
            at += length
        else:
            raise AssertionError(f"wire type {kind}")
        yield key >> 3, value


def scalars(path):
    for index, payload in enumerate(records(path)):
        event = list(fields(payload))
        if index == 0:
            assert dict(event)[3] == b"brain.Event:2", f"{path}: no version in the first record"
            continue
        step = dict(event).get(2, 0)
        for number, summary in event:
            for _, value in fields(summary) if number == 5 else ():
                entry = dict(fields(value))
                yield entry[1].decode(), step, entry[2]


def main():
    files = sorted(p for folder in sys.argv[1:] for p in Path(folder).rglob("*tfevents*"))
    assert files, "no event file"
    for path in files:
        found = list(scalars(path))
        print(f"{path}: {len(found)} scalars, every checksum right")
        for tag, step, value in found:
            print(f"  {tag} {step} {value:.6g}")
        try:
            from tensorboard.backend.event_processing.event_file_loader import EventFileLoader
        except ImportError:
            continue
        theirs = [(v.tag, e.step) for e in EventFileLoader(str(path)).Load() if e.HasField("summary") for v in e.summary.value]
        assert theirs == [(tag, step) for tag, step, _ in found], f"{path}: TensorBoard's own reader finds other scalars"
        print("  TensorBoard's own reader finds the same")


main()
