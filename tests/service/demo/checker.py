"""Measures what a demo clip shows and sounds: a pure function of frames and waveform.

The rules are those of models/demo/README.md, section "The checker"; expectations.json names what must be found.
"""

import numpy as np
from scipy.signal import find_peaks

COLORS = {
    "red": (220, 40, 40), "green": (40, 180, 60), "blue": (50, 80, 220), "yellow": (235, 215, 50),
    "orange": (240, 140, 30), "purple": (140, 60, 180), "pink": (240, 130, 180), "cyan": (50, 205, 215),
    "white": (240, 240, 240), "black": (20, 20, 20),
}
BACKGROUNDS = {
    "black": (15, 15, 15), "white": (240, 240, 240), "gray": (128, 128, 128), "dark blue": (20, 25, 80),
    "dark green": (15, 70, 30), "light blue": (160, 205, 240), "beige": (225, 205, 170), "brown": (105, 70, 40),
}
FPS = 24.0


def nearest(value, names):
    return min(names, key=lambda name: np.abs(np.asarray(names[name], float) - value).sum())


class Clip:
    """Frames uint8 [F, H, W, 3] and waveform float [samples] of one clip, with its object tracked."""

    def __init__(self, frames, waveform, rate):
        self.frames = frames.astype(np.int16)
        self.waveform = waveform.astype(np.float64)
        self.rate = rate
        count, self.height, self.width, _ = frames.shape
        # Background of a row: its median over all frames and columns.
        self.row_background = np.median(self.frames, axis=(0, 2))
        distance = np.abs(self.frames - self.row_background[None, :, None, :]).max(axis=3)
        self.mask = distance > 45
        self.distance = distance
        self.area = self.mask.sum(axis=(1, 2))
        ys, xs = np.mgrid[0:self.height, 0:self.width]
        safe = np.maximum(self.area, 1)
        self.x = (self.mask * xs).sum(axis=(1, 2)) / safe
        self.y = (self.mask * ys).sum(axis=(1, 2)) / safe
        self.seen = self.area > 30
        self.time = np.arange(count) / FPS

    def background(self):
        return nearest(np.median(self.row_background[: self.height // 2], axis=0), BACKGROUNDS)

    def color(self):
        """The 60 % of object pixels furthest from the background vote."""
        pixels, far = self.frames[self.mask], self.distance[self.mask]
        pixels = pixels[far >= np.quantile(far, 0.4)]
        names = list(COLORS)
        table = np.array([COLORS[name] for name in names], float)
        votes = np.abs(pixels[:, None, :] - table[None]).sum(axis=2).argmin(axis=1)
        return names[np.bincount(votes, minlength=len(names)).argmax()]

    def slopes(self):
        t = self.time[self.seen]
        return (np.polyfit(t, self.x[self.seen], 1)[0] * 5 / self.width,
                np.polyfit(t, self.y[self.seen], 1)[0] * 5 / self.height)

    def spread(self, values, size):
        low, high = np.percentile(values[self.seen], [5, 95])
        return (high - low) / size

    def area_ratio(self):
        low, high = np.percentile(self.area, [5, 95])
        return high / max(low, 1)

    def contacts(self):
        """Times at which y turns from down to up: where the lines through three frames before and after cross."""
        peaks, _ = find_peaks(self.y, prominence=0.1 * self.height, distance=7)
        times = []
        for peak in peaks:
            if peak < 3 or peak + 3 >= len(self.y):
                continue
            before = np.polyfit(np.arange(peak - 3, peak), self.y[peak - 3:peak], 1)
            after = np.polyfit(np.arange(peak + 1, peak + 4), self.y[peak + 1:peak + 4], 1)
            slope = before[0] - after[0]
            cross = (after[1] - before[1]) / slope if abs(slope) > 1e-9 else peak
            times.append(np.clip(cross, peak - 1, peak + 1) / FPS)
        return np.array(times)

    def flashes(self):
        """Times at which the area rises through half its 90 % quantile."""
        half = np.quantile(self.area, 0.9) / 2
        above = self.area > half
        rises = np.flatnonzero(above[1:] & ~above[:-1]) + 1
        return rises / FPS

    def pulses(self):
        smooth = np.convolve(self.area, np.ones(5) / 5, mode="same")
        peaks, _ = find_peaks(smooth, prominence=0.2 * smooth.max(), distance=12)
        return peaks / FPS

    def shows(self, motion):
        slope_x, slope_y = self.slopes()
        if motion == "right":
            return slope_x > 0.35 and abs(slope_y) < 0.15
        if motion == "left":
            return slope_x < -0.35 and abs(slope_y) < 0.15
        range_x, range_y = self.spread(self.x, self.width), self.spread(self.y, self.height)
        if motion == "still":
            return range_x < 0.08 and range_y < 0.08 and self.area_ratio() < 2
        if motion == "bounce":
            gaps = np.diff(self.contacts())
            return len(gaps) >= 2 and gaps.std() < gaps.mean() / 4 and range_y > 0.12 and range_x < 0.15
        if motion == "blink":
            return len(self.flashes()) >= 2 and self.area_ratio() > 4
        if motion == "pulse":
            return len(self.pulses()) >= 2 and self.area_ratio() > 2 and range_x < 0.12 and range_y < 0.12
        raise ValueError(f"no rule for motion {motion!r}")

    def envelope(self, window, hop):
        size, step = int(window * self.rate), int(hop * self.rate)
        starts = range(0, len(self.waveform) - size, step)
        return np.array([np.sqrt(np.mean(self.waveform[s:s + size] ** 2)) for s in starts])

    def onsets(self):
        rms = self.envelope(0.015, 0.005)
        if rms.max() < 0.02:
            return np.array([])
        rise = np.maximum(rms[4:] - rms[:-4], 0)  # over 20 ms
        rise = np.concatenate([[0], rise, [0]])
        peaks, _ = find_peaks(rise, height=0.3 * rise.max(), distance=40)  # 0.2 s
        # rise[k] compares windows k-1 and k+3; the later one's centre is where the sound is, set back by 10 ms.
        return (peaks + 3) * 0.005 + 0.0075 - 0.010

    def swell_correlation(self):
        rms = self.envelope(0.1, 1 / FPS)
        count = min(len(rms), len(self.area))
        return np.corrcoef(rms[:count], self.area[:count])[0, 1]

    def sweep_ratio(self):
        """Strongest frequency late in the clip over the strongest early on."""
        def strongest(begin, end):
            part = self.waveform[int(begin * len(self.waveform)):int(end * len(self.waveform))]
            power = np.abs(np.fft.rfft(part * np.hanning(len(part))))
            frequency = np.fft.rfftfreq(len(part), 1 / self.rate)
            power[frequency < 60] = 0
            return frequency[power.argmax()]
        return strongest(0.75, 0.95) / strongest(0.05, 0.25)

    def rms(self):
        return np.sqrt(np.mean(self.waveform ** 2))


def synchrony(events, onsets, within):
    """(share of events with an onset near, share of onsets with an event near)."""
    inside = events[(events > 0.12) & (events < 4.85)]
    if len(inside) < 2 or len(onsets) == 0:
        return 0.0, 0.0
    gap = np.abs(inside[:, None] - onsets[None, :])
    all_gap = np.abs(events[:, None] - onsets[None, :])
    return np.mean(gap.min(axis=1) <= within), np.mean(all_gap.min(axis=0) <= within)


def failures(clip, expect):
    """What `expect` (an entry of expectations.json) asks for and `clip` does not have, as sentences."""
    wrong = []
    if clip.color() != expect["color"]:
        wrong.append(f"colour is {clip.color()}, expected {expect['color']}")
    if clip.background() != expect["background"]:
        wrong.append(f"background is {clip.background()}, expected {expect['background']}")
    if not clip.shows(expect["motion"]):
        wrong.append(f"does not show motion {expect['motion']}: slopes {clip.slopes()}, area ratio {clip.area_ratio():.2f}, "
                     f"contacts {clip.contacts()}")
    sync = expect.get("sync", {})
    if sync.get("event") in ("contact", "flash"):
        events = clip.contacts() if sync["event"] == "contact" else clip.flashes()
        recall, precision = synchrony(events, clip.onsets(), sync["within_ms"] / 1000)
        if recall < sync["min_recall"] or precision < sync["min_precision"]:
            wrong.append(f"sound is off: recall {recall:.2f}, precision {precision:.2f}; events {events}, "
                         f"onsets {clip.onsets()}")
    elif sync.get("event") == "swell" and clip.swell_correlation() < sync["min_correlation"]:
        wrong.append(f"sound does not swell with size: correlation {clip.swell_correlation():.2f}")
    sound = expect.get("sound")
    if sound == "rising" and clip.sweep_ratio() <= 1.8:
        wrong.append(f"pitch does not rise: ratio {clip.sweep_ratio():.2f}")
    if sound == "falling" and clip.sweep_ratio() >= 1 / 1.8:
        wrong.append(f"pitch does not fall: ratio {clip.sweep_ratio():.2f}")
    if sound == "silence" and clip.rms() >= 0.01:
        wrong.append(f"not silent: RMS {clip.rms():.4f}")
    return wrong
