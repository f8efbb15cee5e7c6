"""Makes the pictures of this folder (Pillow 13, NumPy, libjpeg-turbo's cjpeg). Every readable one shows the same 24x20 blocks.

media_image_test.cc holds the same formula, so that no expected pixels need storing:
    colour(x, y) = (40 * (x // 4), 50 * (y // 4), 255 - 8 * (6 * (y // 4) + x // 4)),  grey(x, y) = 255 - blue
"""

import io
import pathlib
import struct
import subprocess
import tempfile
import zlib

import numpy as np
from PIL import Image

HERE = pathlib.Path(__file__).parent
HEIGHT, WIDTH = 20, 24
ROWS, COLUMNS = np.mgrid[0:HEIGHT, 0:WIDTH] // 4
INDEX = 6 * ROWS + COLUMNS
RGB = np.stack([40 * COLUMNS, 50 * ROWS, 255 - 8 * INDEX], axis=-1).astype(np.uint8)
GREY = (8 * INDEX).astype(np.uint8)
# What transparent pixels hide must not come through: alpha is dropped, not blended.
ALPHA = np.where((ROWS + COLUMNS) % 2 == 0, 255, 60).astype(np.uint8)


def save(name, array, mode=None, **options):
    Image.fromarray(array, mode).save(HERE / name, **options)


def exif(orientation):
    tags = Image.Exif()
    tags[0x0112] = orientation
    return tags


def stored(orientation, picture=RGB):
    """The rows to store so that a reader that heeds `orientation` sees `picture`."""
    return np.ascontiguousarray({
        1: lambda p: p,
        2: lambda p: p[:, ::-1],
        3: lambda p: p[::-1, ::-1],
        4: lambda p: p[::-1],
        5: lambda p: p.swapaxes(0, 1),
        6: lambda p: np.rot90(p, 1),
        7: lambda p: np.rot90(p, 2).swapaxes(0, 1),
        8: lambda p: np.rot90(p, -1),
    }[orientation](picture))


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width, height, depth, colour, rows, extra=b""):
    """A PNG by hand, for what Pillow does not write: 16 bits, wrong sizes, chunks out of nowhere."""
    raw = b"".join(b"\0" + row for row in rows)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)) +
            extra + chunk(b"IDAT", zlib.compress(raw, 9)) + chunk(b"IEND", b""))


def wide(array):
    """8 bits to 16: the upper byte is the number, the lower one noise."""
    return [(row.astype(">u2").reshape(-1) * 256 + 195).astype(">u2").tobytes() for row in array]


def write(name, data):
    (HERE / name).write_bytes(data)


save("rgb.png", RGB)
save("rgba.png", np.dstack([RGB, ALPHA]))
save("grey.png", GREY)
save("grey_alpha.png", np.dstack([GREY, ALPHA]), "LA")
Image.fromarray(RGB).quantize(64, dither=Image.Dither.NONE).save(HERE / "palette.png", transparency=3)
write("rgb16.png", png(WIDTH, HEIGHT, 16, 2, wide(RGB)))
write("grey16.png", png(WIDTH, HEIGHT, 16, 0, wide(GREY)))
for orientation in range(1, 9):
    save(f"orientation{orientation}.jpg", stored(orientation), quality=100, subsampling=0, exif=exif(orientation))
save("exif6.png", stored(6), exif=exif(6))
save("grey.jpg", GREY, quality=100)
save("progressive.jpg", RGB, quality=100, subsampling=0, progressive=True)
# Pillow writes CMYK as Adobe does: inverted. Without key ink the other three are the colours' complements.
cmyk = np.dstack([255 - RGB, np.zeros_like(GREY)])
save("cmyk.jpg", cmyk, "CMYK", quality=100, subsampling=0)
save("lossless.webp", RGB, lossless=True)
save("alpha.webp", np.dstack([RGB, ALPHA]), lossless=True, exact=True)
save("exif8.webp", stored(8), lossless=True, exif=exif(8))
save("lossy.webp", np.kron(np.full((5, 6, 1), 128, np.uint8), np.ones((4, 4, 3), np.uint8)), quality=95)

# Files that must be refused.
still = Image.fromarray(RGB)
other = Image.fromarray(RGB[::-1].copy())
still.save(HERE / "bad_animated.webp", save_all=True, append_images=[other], duration=100, lossless=True)
still.save(HERE / "bad_animated.png", save_all=True, append_images=[other], duration=100)
write("bad_one_pixel.png", png(1, 1, 8, 2, [b"\1\2\3"]))
write("bad_30000x30000.png", png(30000, 30000, 8, 2, [b"\0" * 300]))
write("bad_4294967295.png", png(2**32 - 1, 2**32 - 1, 8, 2, [b"\0"]))
write("bad_text.png", b"This is a text file with a picture's name.\n")
whole = (HERE / "rgb.png").read_bytes()
write("bad_truncated.png", whole[:len(whole) * 2 // 3])
damaged = bytearray(whole)
damaged[len(whole) // 2] ^= 0x10
write("bad_damaged.png", bytes(damaged))
jpeg = (HERE / "orientation1.jpg").read_bytes()
write("bad_truncated.jpg", jpeg[:len(jpeg) * 3 // 4])
with tempfile.TemporaryDirectory() as folder:  # a scan for each coefficient of luma: valid, and a way to waste our time
    scans, ppm = pathlib.Path(folder, "scans"), pathlib.Path(folder, "rgb.ppm")
    scans.write_text("0,1,2: 0-0, 0, 0;" + "".join(f"0: {k}-{k}, 0, 0;" for k in range(1, 64)))
    still.save(ppm)
    subprocess.run(["cjpeg", "-scans", scans, "-outfile", HERE / "bad_many_scans.jpg", ppm], check=True)
write("bad_headless.jpg", jpeg[:24])
webp = (HERE / "lossless.webp").read_bytes()
write("bad_truncated.webp", webp[:len(webp) * 2 // 3])
gif = io.BytesIO()
still.save(gif, "GIF")
write("bad_type.gif", gif.getvalue())
