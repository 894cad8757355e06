"""Small pictures: a screenshot with at most 256 colours, which is all that a page needs."""

import base64
import struct
import zlib

import numpy as np
from playwright.sync_api import Page

COLOURS = 256
PIXELS = """async png => {
    const file = await fetch(`data:image/png;base64,${png}`);
    const bitmap = await createImageBitmap(await file.blob());
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    const pen = canvas.getContext("2d");
    pen.drawImage(bitmap, 0, 0);
    const bytes = pen.getImageData(0, 0, bitmap.width, bitmap.height).data;
    let text = "";
    for (let at = 0; at < bytes.length; at += 32768)
        text += String.fromCharCode(...bytes.subarray(at, at + 32768));
    return [bitmap.width, bitmap.height, btoa(text)];
}"""


def shrink(png: bytes, blank: Page) -> bytes:
    """The same picture with a palette; a page of the browser that shows nothing reads it."""
    width, height, text = blank.evaluate(PIXELS, base64.b64encode(png).decode())
    pixels = np.frombuffer(base64.b64decode(text), dtype=np.uint8).reshape(-1, 4)[:, :3]
    codes = pixels.astype(np.uint32) @ np.array([1 << 16, 1 << 8, 1], dtype=np.uint32)
    found, where, times = np.unique(codes, return_inverse=True, return_counts=True)
    colours = np.stack([found >> 16 & 255, found >> 8 & 255, found & 255], axis=1).astype(np.int32)
    kept = np.argsort(-times, kind="stable")[:COLOURS]
    nearest = np.empty(len(found), dtype=np.uint8)
    for begin in range(0, len(found), 4096):
        part = colours[begin : begin + 4096, None, :] - colours[kept][None, :, :]
        nearest[begin : begin + 4096] = (part**2).sum(axis=2).argmin(axis=1)
    rows = nearest[where.reshape(-1)].reshape(height, width)
    lines = np.concatenate([np.zeros((height, 1), np.uint8), rows], axis=1)
    return _png(width, height, colours[kept].astype(np.uint8).tobytes(), lines.tobytes())


def _png(width: int, height: int, palette: bytes, lines: bytes) -> bytes:
    """The bytes of a picture: each line begins with a zero, which says that it is not filtered."""
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in (
            (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
            (b"PLTE", palette),
            (b"IDAT", zlib.compress(lines, 9)),
            (b"IEND", b""),
        )
    )
