"""Space for a growing file, taken ahead, so that a sync need not write the tables of the medium."""

from __future__ import annotations

import ctypes
import errno
import os
from typing import IO

KEEP_SIZE = 1  # linux/falloc.h: FALLOC_FL_KEEP_SIZE; a crash then leaves no zeros that look stored


def preallocate(file: IO[bytes], offset: int, count: int) -> bool:
    """Take `count` bytes from `offset`; false where this file system cannot. Raises OSError."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.fallocate.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_longlong, ctypes.c_longlong]
    if libc.fallocate(file.fileno(), KEEP_SIZE, offset, count) == 0:
        return True
    number = ctypes.get_errno()
    if number in (errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL, errno.EINTR):
        return False
    if number in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return False  # the write itself will say it, when it really does not fit
    raise OSError(number, os.strerror(number))
