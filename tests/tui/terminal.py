# SPDX-License-Identifier: ISC
"""A terminal for tests: smtpwiz on a pseudo-terminal, its screen kept by pyte.

Nothing here sleeps: every wait is for something to be seen, and says what
stands on the screen when it never comes.
"""
import os, pty, re, select, sys, termios, time
import pexpect, pyte

SMTPWIZ = os.path.abspath(os.environ.get("SMTPWIZ") or os.path.join(os.environ.get("B", "."), "smtpwiz"))
SLOW = 6 if re.search("address|thread", os.environ.get("B", "")) else 1
WAIT = 20 * SLOW
TIMEOUT = "1" if SLOW == 1 else "3"  # of one connect
QUIET = 0.012 * SLOW  # between two pictures pass 40 ms and more
SMALL = [80, 24]
WIDE = [132, 43]
KEYS = dict(Up="\x1b[A", Down="\x1b[B", Right="\x1b[C", Left="\x1b[D", Enter="\r", Tab="\t", BackTab="\x1b[Z",
            Esc="\x1b", Backspace="\x7f", Delete="\x1b[3~", PgUp="\x1b[5~", PgDn="\x1b[6~", Home="\x1b[H",
            End="\x1b[F", F1="\x1bOP", F2="\x1bOQ", F3="\x1bOR", F4="\x1bOS", F5="\x1b[15~", F6="\x1b[17~",
            F7="\x1b[18~", F8="\x1b[19~")
CURSOR_KEYS = re.compile(r"\x1b\[([ABCDHF])$")
APPLICATION_MODE = 1 << 5
# What a program may leave switched on: its sequence and the state it must be in at the end.
MODES = {"the alternate screen": ("1049", "l"), "the cursor": ("25", "h"), "bracketed paste": ("2004", "l"),
         "application keys": ("1", "l")}


class Gone(Exception):
    """The program ended while something was still expected of it."""


class NotSeen(Exception):
    pass


class Screen(pyte.Screen):
    """Counts characters written past the right border."""

    overflows = 0

    def draw(self, data):
        for character in data:
            if self.cursor.x >= self.columns:
                self.overflows += 1
            super().draw(character)


def environment(**changes):
    """The tests' own, so that nothing of the caller's colours or proxies shows; None takes a variable away."""
    env = {k: v for k, v in os.environ.items()
           if not re.search("proxy|^NO_COLOR$|^LC_|^LANG|^XDG_|^COLUMNS$|^LINES$", k, re.I)}
    env.update(TERM="xterm-256color", LANG="C.UTF-8")
    env.update({k: v for k, v in changes.items() if v is not None})
    for name in [k for k, v in changes.items() if v is None]:
        env.pop(name, None)
    return env


class Terminal:
    def __init__(self, *args, size=SMALL, env=None, cwd=None):
        self.columns, self.lines = size
        self.screen = Screen(self.columns, self.lines)
        self.stream = pyte.ByteStream(self.screen)
        self.raw = b""
        self.is_open = True
        self.child = pexpect.spawn(SMTPWIZ, list(args), dimensions=(self.lines, self.columns), cwd=cwd,
                                   env=environment(**(env or {})), timeout=None)
        self.child.delaybeforesend = None

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.child.close(force=True)

    # ---- what is seen -----------------------------------------------------

    def pump(self, seconds):
        """Takes what comes within this time, and returns at the first of it."""
        if not self.is_open:
            return False
        ready, _, _ = select.select([self.child.child_fd], [], [], max(0.0, seconds))
        if not ready:
            return False
        try:
            data = os.read(self.child.child_fd, 65536)
        except OSError:
            data = b""
        if not data:
            self.is_open = False
            return False
        self.raw += data
        self.stream.feed(data)
        return True

    def rows(self):
        return [row.rstrip() for row in self.screen.display]

    def text(self):
        return "\n".join(self.rows())

    def words(self):
        """The screen as one line: text that is wrapped can be searched."""
        return " ".join(self.text().split())

    def settle(self):
        """Takes what belongs to one picture: until nothing follows at once."""
        while self.pump(QUIET):
            pass

    def until(self, seen, what, timeout=None):
        """Waits until seen() is true; gives its value."""
        end = time.monotonic() + (timeout or WAIT)
        self.settle()
        while True:
            value = seen()
            if value:
                return value
            if not self.is_open:
                raise Gone(f"the program ended before: {what}\n{self.text()}")
            if time.monotonic() > end:
                raise NotSeen(f"never seen: {what}\n{self.text()}")
            self.pump(min(0.5, end - time.monotonic()))
            self.settle()

    def wait_for(self, pattern, timeout=None):
        return self.until(lambda: re.search(pattern, self.text(), re.M), pattern, timeout)

    def wait_words(self, pattern, timeout=None):
        return self.until(lambda: re.search(pattern, self.words()), pattern, timeout)

    def wait_gone(self, pattern, timeout=None):
        self.until(lambda: not re.search(pattern, self.text(), re.M), f"without {pattern}", timeout)

    def wait_raw(self, pattern, start=0, timeout=None):
        return self.until(lambda: re.search(pattern, self.raw[start:]), str(pattern), timeout)

    def is_cursor_on_focus(self):
        """The marked row, or a row that goes on from it."""
        rows = self.rows()
        row = self.screen.cursor.y
        while row > 0 and re.match(r"     \s*\S|   \| ", rows[row]):
            row -= 1
        return bool(re.search(r"^ > | > \d  ", rows[row])) and not self.screen.cursor.hidden

    # ---- what is done -----------------------------------------------------

    def send(self, data):
        data = data.encode() if isinstance(data, str) else data
        while data:
            data = data[os.write(self.child.child_fd, data[:1024]):]
            while self.pump(0):
                pass

    def key(self, name):
        if name.startswith("C-"):
            return self.send(chr(ord(name[2].lower()) & 31))
        code = KEYS[name]
        if APPLICATION_MODE in self.screen.mode:
            code = CURSOR_KEYS.sub("\x1bO\\1", code)
        self.send(code)

    def keys(self, *names):
        for name in names:
            self.key(name)

    def paste(self, text):
        self.send("\x1b[200~" + text.replace("\n", "\r") + "\x1b[201~")

    def resize(self, size):
        """Waits until the program has drawn for the new size: the step stands at the right border."""
        while self.pump(0):
            pass
        self.columns, self.lines = size
        self.screen.resize(self.lines, self.columns)
        self.screen.reset()
        self.child.setwinsize(self.lines, self.columns)
        self.until(lambda: self.is_laid_out() or "too small" in self.words(), f"a picture for {size}")
        self.screen.overflows = 0

    def is_laid_out(self):
        rows = self.rows()
        return (len(rows[0]) == self.columns - 1 and rows[0].startswith(" smtpwiz ") and
                re.fullmatch(r" -+", rows[1]) and len(rows[1]) == self.columns - 1 and rows[-1])

    def signal(self, number):
        os.kill(self.child.pid, number)

    # ---- the end ----------------------------------------------------------

    def finish(self, timeout=None):
        """Waits for the end of the program; gives its exit status, or minus the signal."""
        end = time.monotonic() + (timeout or WAIT)
        while self.is_open:
            if time.monotonic() > end:
                raise NotSeen(f"never seen: the end of the program\n{self.text()}")
            self.pump(0.5)
        self.modes_after = self.tty_modes()
        self.child.wait()
        return self.child.exitstatus if self.child.exitstatus is not None else -self.child.signalstatus

    def tty_modes(self):
        return tty_modes(self.child.child_fd)

    def left_behind(self):
        """What the program did not put back, as a list of complaints."""
        wrong = [f"{what} is left {'on' if good == 'l' else 'hidden'}" for what, (number, good) in MODES.items()
                 if (self.mode_changes(number) or [good])[-1] != good]
        if self.modes_after != fresh_modes():
            wrong.append(f"the terminal's modes are {self.modes_after}, were {fresh_modes()}")
        return wrong

    def mode_changes(self, number):
        found = re.findall(rb"\x1b\[\?((?:\d+;)*\d+)([hl])", self.raw)
        return [flag.decode() for numbers, flag in found if number.encode() in numbers.split(b";")]


def tty_modes(fd):
    """Input, output and local modes: echo, lines, signals."""
    state = termios.tcgetattr(fd)
    return state[0], state[1], state[3]


def fresh_modes():
    """Of a pseudo-terminal that no program has touched, as every test gets one."""
    ends = pty.openpty()
    try:
        return tty_modes(ends[1])
    finally:
        for fd in ends:
            os.close(fd)


def escapes(raw):
    """Every control character of an output that should have none."""
    return re.findall(rb"[\x00-\x08\x0b-\x1f\x7f][^\n]{0,12}", raw.replace(b"\r\n", b"\n"))


# ---- TAP ------------------------------------------------------------------

class Tap:
    failed = 0

    def check(self, name, faults=()):
        """Prints one result; an empty list of faults is success."""
        faults = [faults] if isinstance(faults, str) else list(faults)
        self.failed += bool(faults)
        print(("not ok - " if faults else "ok - ") + name, flush=True)
        for fault in faults:
            print("\n".join("#   " + line for line in str(fault).splitlines()), flush=True)

    def run(self, name, test):
        """A test gives its faults (None or an empty list: none), in case with a note after its name."""
        try:
            faults = test()
        except (Gone, NotSeen, AssertionError) as e:
            faults = [f"{type(e).__name__}: {e}"]
        note = ""
        if isinstance(faults, tuple):
            faults, note = faults
        self.check(name + note, faults or [])

    def end(self):
        sys.exit(1 if self.failed else 0)
