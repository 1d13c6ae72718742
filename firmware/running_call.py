"""The call that runs: its audio, its record, and what consent means for both."""

from __future__ import annotations

from typing import Any

from firmware.alarms import Publish
from firmware.archive.keeper import Keeper
from firmware.archive.recording import Recording
from firmware.audio.frames import Gap, Period
from firmware.call_audio import CallAudio
from firmware.call_record import CallRecords, continue_call
from firmware.calls.call import Call
from firmware.consent_watch import ConsentWatch

SAVE_EVERY_S = 1.0
NOTE_EVERY_S = 20.0
PRIVATE = "private"


class RunningCall:
    """One call after the other. Raises ArchiveError where the archive refuses.

    `stopping`: the recorder ends, and the call may go on when it is started anew.
    """

    def __init__(
        self,
        audio: CallAudio,
        records: CallRecords,
        consent: ConsentWatch,
        keeper: Keeper,
        publish: Publish,
    ) -> None:
        self._audio = audio
        self._records = records
        self._consent = consent
        self._keeper = keeper
        self._publish = publish
        self._erased: Recording | None = None
        self._saved_at = 0.0
        self._unkept_at: float | None = None
        self.stopping = False

    @property
    def flows(self) -> bool:
        """Whether any sound has come since the recorder was started."""
        return self._audio.flows

    @property
    def recorded(self) -> bool:
        """Whether there is a recording of a running call."""
        return self._audio.open is not None

    def take(self, item: Period | Gap) -> None:
        """The next item of the stream."""
        self._audio.take(item)

    def begin(self, call: Call, off_hook: float, window_s: float) -> bool:
        """Record from the off-hook on, where that may be; whether it is recorded.

        A call that a restart broke off goes on, where the line was off-hook from the start of the
        recorder on, and within `window_s` of it.
        """
        broken_off = self._keeper.broken_off.record(off_hook - window_s)
        self._audio.preroll_s = 0.0
        if broken_off is None:
            self._consent.begin(call)
            before = self._keeper.unkept_before(off_hook - window_s)
            if before == PRIVATE:
                call.private = True
            elif before:
                self._consent.goes_on_refused(before)
            if self._consent.refused or call.private:
                self._note_unkept(call, off_hook)
                return False
        self._saved_at = off_hook
        if self._audio.begin(off_hook, self._record(call), broken_off is not None):
            continue_call(call, broken_off or {})
        if broken_off is not None:
            self._consent.begin(call, broken_off)
        return True

    def look(self, call: Call | None, now: float) -> None:
        """Erase the recording where it became known that there may be none."""
        self._consent.look(call, now)
        if self._consent.refused and self.recorded:
            self._publish({"event": "recording-over"})
            self.erase(call)

    def save_now_and_then(self, call: Call | None, now: float) -> None:
        """Once a second what is known is put on the medium."""
        if self._unkept_at is not None and now - self._unkept_at >= NOTE_EVERY_S:
            self._note_unkept(call, now)
        if self.recorded and now - self._saved_at >= SAVE_EVERY_S:
            self._saved_at = now
            self.save(call)

    def save(self, call: Call | None) -> None:
        """Put what is known of the running call on the medium, where it has changed."""
        if self.recorded and call is not None:
            self._audio.note(self._record(call))

    def erase(self, call: Call | None) -> None:
        """Remove the audio; a row will say why."""
        if call is not None:
            self._erased = self._audio.erase(self._record(call)) or self._erased
            self._note_unkept(call, call.off_hook or call.started)

    def _note_unkept(self, call: Call | None, now: float) -> None:
        self._unkept_at = now
        private = call is not None and call.private
        self._keeper.note_unkept(PRIVATE if private else self._consent.refused)

    def finish(self, call: Call, now: float) -> str:
        """The call is over: its id."""
        self._consent.over(call, now)
        if self._consent.refused:
            self.erase(call)
        record = self._record(call)
        self._consent.forget()
        finished = self._audio.finish(record)
        if finished is None:
            erased, self._erased = self._erased, None
            finished = self._keeper.add_row(record, erased)
        if self._unkept_at is not None and not self.stopping:
            self._keeper.note_unkept("")
        self._unkept_at = None
        return finished

    def _record(self, call: Call) -> dict[str, Any]:
        """The call as the sidecar keeps it."""
        made = self._records.of(call, self._audio.now, self._audio.preroll_s)
        if call.off_hook is None:
            return made
        return made | self._consent.facts(self._audio.offset_at)
