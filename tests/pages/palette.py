"""Pictures of pages made small: no more than 256 colours, as PNG (W3C PNG, 11.2)."""

from __future__ import annotations

import base64
import struct
import zlib
from typing import Any

import numpy as np
from playwright.sync_api import Page

COLOURS = 256
_DRAW = """async (png) => {
  const image = new Image();
  image.src = "data:image/png;base64," + png;
  await image.decode();
  const canvas = new OffscreenCanvas(image.width, image.height), drawn = canvas.getContext("2d");
  drawn.drawImage(image, 0, 0);
  const bytes = drawn.getImageData(0, 0, image.width, image.height).data;
  let text = "";
  for (let at = 0; at < bytes.length; at += 32768) text += String.fromCharCode(...bytes.subarray(at, at + 32768));
  return [image.width, image.height, btoa(text)];
}"""

Pixels = np.ndarray[Any, np.dtype[np.uint8]]


def smaller(blank: Page, png: bytes) -> bytes:
    """The same picture; ``blank`` is a page of no site, whose canvas reads it."""
    width, height, told = blank.evaluate(_DRAW, base64.b64encode(png).decode())
    pixels = np.frombuffer(base64.b64decode(told), np.uint8).reshape(height, width, 4)[:, :, :3]
    palette, places = _quantized(pixels)
    rows = np.hstack([np.zeros((height, 1), np.uint8), places])
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    chunks = (
        (b"IHDR", header),
        (b"PLTE", palette.tobytes()),
        (b"IDAT", zlib.compress(rows.tobytes(), 9)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, body) for name, body in chunks)


def _quantized(pixels: Pixels) -> tuple[Pixels, Pixels]:
    """The colours seen most, and for each pixel the place of the nearest one."""
    packed = pixels.astype(np.uint32) @ np.array([65536, 256, 1], np.uint32)
    colours, places, counts = np.unique(packed, return_inverse=True, return_counts=True)
    kept = colours[np.argsort(counts)[::-1][:COLOURS]]
    apart = np.abs(_parts(colours)[:, None, :] - _parts(kept)[None, :, :]).sum(axis=2)
    nearest = apart.argmin(axis=1).astype(np.uint8)
    return _parts(kept).astype(np.uint8), nearest[places].reshape(pixels.shape[:2])


def _parts(packed: np.ndarray[Any, np.dtype[np.uint32]]) -> np.ndarray[Any, np.dtype[np.int32]]:
    """Red, green and blue."""
    return np.stack([packed >> 16, packed >> 8 & 255, packed & 255], axis=-1).astype(np.int32)


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
