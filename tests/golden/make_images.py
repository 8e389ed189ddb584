"""Writes tests/files/images: small images of every kind that is read, made by Pillow or by hand.

The colour at (row, column) of the 6 x 8 image is (40 row, 30 column, 8 row + 4 column). Beside each JPEG lies what Pillow
decodes it to (.bin: rows, columns, red, green, blue).
"""
import struct
import sys
import zlib
from pathlib import Path

import numpy
from PIL import Image

ROWS, COLUMNS = 6, 8
folder = Path(sys.argv[1])
row, column = numpy.mgrid[0:ROWS, 0:COLUMNS]
rgb = numpy.stack([40 * row, 30 * column, 8 * row + 4 * column], -1).astype(numpy.uint8)
alpha = (row * COLUMNS + column).astype(numpy.uint8) * 5
colour = Image.fromarray(rgb)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(name, samples, colour_type, bits, interlaced=False, extra=b""):
    """A PNG by hand. samples: [rows, columns, channels] of uint8, or of big-endian uint16 for 16 bits."""
    rows, columns = samples.shape[:2]
    passes = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)] if interlaced else [(0, 0, 1, 1)]
    raw = b""
    for y, x, down, across in passes:
        part = samples[y::down, x::across]
        if part.size:
            raw += b"".join(b"\0" + line.tobytes() for line in part)
    header = struct.pack(">IIBBBBB", columns, rows, bits, colour_type, 0, 0, int(interlaced))
    (folder / name).write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b""))


def jpeg(name, image, **options):
    image.save(folder / name, quality=90, **options)
    (folder / name).with_suffix(".bin").write_bytes(numpy.asarray(Image.open(folder / name).convert("RGB")).tobytes())


colour.save(folder / "rgb.png")
png("rgb16.png", (rgb.astype(">u2") * 256 + 7).astype(">u2"), 2, 16)
png("grey16.png", (rgb[:, :, :1].astype(">u2") * 256 + 7).astype(">u2"), 0, 16)
png("interlaced.png", rgb, 2, 8, interlaced=True)
Image.fromarray(rgb[:, :, 0]).save(folder / "grey.png")
Image.fromarray(numpy.dstack([rgb, alpha])).save(folder / "alpha.png")
Image.fromarray(numpy.dstack([rgb[:, :, 0], alpha]), "LA").save(folder / "greyAlpha.png")
palette = colour.quantize(48, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
palette.save(folder / "palette.png")
colour.save(folder / "rgb.bmp")
Image.fromarray(rgb[:, :, 0]).save(folder / "grey.bmp")
palette.save(folder / "palette.gif")
palette.save(folder / "animated.gif", save_all=True, append_images=[Image.new("RGB", (COLUMNS, ROWS), "red")], duration=50)

# What tells the sixteenth of a byte from its rounding is not the decoder's business: full resolution of the colours.
jpeg("baseline.jpg", colour, subsampling=0)
jpeg("progressive.jpg", colour, subsampling=0, progressive=True)
jpeg("grey.jpg", Image.fromarray(rgb[:, :, 0]))

# Stored so that each of EXIF's orientations shows the 6 x 8 image upright.
turns = {1: None, 2: "FLIP_LEFT_RIGHT", 3: "ROTATE_180", 4: "FLIP_TOP_BOTTOM", 5: "TRANSPOSE", 6: "ROTATE_90", 7: "TRANSVERSE", 8: "ROTATE_270"}
for number, turn in turns.items():
    stored = colour if turn is None else colour.transpose(getattr(Image.Transpose, turn))
    exif = Image.Exif()
    exif[0x0112] = number
    stored.save(folder / f"orientation{number}.png", exif=exif)
stored = colour.transpose(Image.Transpose.ROTATE_90)
exif = Image.Exif()
exif[0x0112] = 6
stored.save(folder / "orientation6.jpg", exif=exif, quality=90, subsampling=0)
