"""What starts a desktop in its container and answers the recorder's questions: README.md lists what it can be asked.

    agent.py WIDTHxHEIGHT [view]

Questions come on standard input, answers go to standard output, a JSON object a line. The end of the input ends the
container, and so does the end of the X server, the message bus or the session.
"""

import json
import os
import queue
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path

HOME = Path("/home/user")
SHARED = Path("/shared")
"""The one folder that the host sees, beside that of X's socket."""
RUNTIME = Path("/tmp/runtime")
MOST_BYTES = 4 << 20
"""Of an answer."""
MOST_OUTPUT_BYTES = 1 << 20
"""Of each stream of a shell line, of what is read of a file."""

ENVIRONMENT = {
    "DBUS_SESSION_BUS_ADDRESS": f"unix:path={RUNTIME}/bus",
    "DESKTOP_SESSION": "xfce",
    "DISPLAY": ":1",
    "GNOME_ACCESSIBILITY": "1",  # without it a browser keeps its widgets to itself
    "GSETTINGS_BACKEND": "keyfile",  # files in the home folder, no daemon
    "GTK_OVERLAY_SCROLLING": "0",  # scroll bars that are there before the pointer is
    "LIBGL_ALWAYS_SOFTWARE": "1",
    "XDG_CURRENT_DESKTOP": "XFCE",
    "XDG_RUNTIME_DIR": str(RUNTIME),
    "XDG_SESSION_TYPE": "x11",
}


def run_desktop(size, view):
    """Start X, the message bus, the session and, if asked for, the live view."""
    os.environ.update(ENVIRONMENT)
    RUNTIME.mkdir(mode=0o700)
    told, tells = os.pipe()
    server = ["Xvfb", ":1", "-screen", "0", f"{size}x24", "-fbdir", str(SHARED), "-nocursor", "-nolisten", "tcp"]
    server += ["-noreset", "-dpi", "96", "-extension", "GLX", "-displayfd", str(tells)]
    needed("Xvfb", server, pass_fds=[tells])
    os.close(tells)
    bus = ["dbus-daemon", "--session", "--nofork", "--nopidfile", "--address", ENVIRONMENT["DBUS_SESSION_BUS_ADDRESS"]]
    needed("dbus-daemon", bus)
    with os.fdopen(told) as number:  # the server writes it, and then the end of the line
        number.readline()
    keymap = ["setxkbmap", "-rules", "evdev", "-model", "pc105", "-layout", "us", "-variant", "", "-option", ""]
    subprocess.run(keymap, check=True, stdout=subprocess.DEVNULL)
    needed("xfce4-session", ["xfce4-session"])
    if view:
        vnc = ["x11vnc", "-display", ":1", "-forever", "-shared", "-quiet", "-nolookup", "-noipv6", "-localhost"]
        needed("x11vnc", [*vnc, "-rfbport", "5900", "-passwdfile", str(HOME / ".vnc-password")])
        needed("websockify", ["websockify", "--web", "/usr/share/novnc", "127.0.0.1:6080", "127.0.0.1:5900"])
        await_port(5900)
        await_port(6080)
        needed("socat", ["socat", f"UNIX-LISTEN:{SHARED}/view,fork", "TCP:127.0.0.1:6080"])


def await_port(number):
    """Wait until a program listens. If it ends instead, so does everything."""
    while True:
        try:
            socket.create_connection(("127.0.0.1", number)).close()
            return
        except ConnectionRefusedError:
            time.sleep(0.02)


def needed(name, command, **options):
    """Start a program whose end is the desktop's end."""

    def watch():
        end(f"{name} ended with status {process.wait()}")

    process = spawn(command, **options)
    threading.Thread(target=watch, daemon=True).start()


def spawn(command, **options):
    """Start a program in a session of its own, whose output goes to the log."""
    log = os.open(SHARED / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
    try:
        streams = {"stdin": subprocess.DEVNULL, "stdout": log, "stderr": log}
        return subprocess.Popen(command, cwd=HOME, start_new_session=True, **streams, **options)
    finally:
        os.close(log)


def end(why):
    """Tell why, and end the container."""
    os.write(2, f"desktop: {why}\n".encode())
    os._exit(1)


def ping():
    """Answer at once."""
    return "pong"


def start(command):
    """Start a program that goes on by itself; its process id."""
    process = spawn(command)
    threading.Thread(target=process.wait, daemon=True).start()
    return process.pid


def sh(line, limit_s=10.0):
    """Run a line of bash in the home folder to its end."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            ["/bin/bash", "-c", line],
            cwd=HOME,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=errors,
            start_new_session=True,
        )
        try:
            status = process.wait(limit_s)
        except subprocess.TimeoutExpired:
            raise ValueError(f"the line took longer than {limit_s:g} s") from None
        finally:
            stop(process.pid)
            process.wait()
        return {"status": status, "stdout": beginning(output), "stderr": beginning(errors)}


def stop(group):
    """Kill what is left of a process group."""
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


def write(path, text):
    """Write a file, and the folders above it."""
    target = HOME / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text)


def read(path):
    """The text of a file; null if there is none."""
    try:
        with (HOME / path).open("rb") as file:
            return beginning(file)
    except FileNotFoundError:
        return None


def beginning(file):
    """The text that a file begins with."""
    file.seek(0)
    return file.read(MOST_OUTPUT_BYTES).decode(errors="replace")


def programs():
    """The names of the programs that run, with their process ids."""
    running = {}
    for folder, fields in processes():
        running.setdefault(fields[0], []).append(int(folder.name))
    return running


def work():
    """Processor seconds that all programs, also those that ended, have had, and the names of those that want more."""
    others = [(folder, fields) for folder, fields in processes() if folder.name != str(os.getpid())]
    ticks = sum(sum(map(int, fields[12:16])) for _, fields in others)
    threads = [thread for folder, _ in others for _, thread in stats(folder / "task")]
    return {"cpu_s": ticks / os.sysconf("SC_CLK_TCK"), "busy": [fields[0] for fields in threads if fields[1] in "RD"]}


def processes():
    """Folder, and fields 2 to 17 of proc_pid_stat(5), of all processes."""
    return stats(Path("/proc"))


def stats(folder):
    """The same of the processes or threads below a folder."""
    with suppress(FileNotFoundError, ProcessLookupError):
        for entry in folder.iterdir():
            if entry.name.isdigit():
                with suppress(FileNotFoundError, ProcessLookupError):
                    name, rest = (entry / "stat").read_text().split("(", 1)[1].rsplit(")", 1)
                    yield entry, [name, *rest.split()[:15]]


COMMANDS = {
    "ping": ping,
    "start": start,
    "sh": sh,
    "write": write,
    "read": read,
    "programs": programs,
    "work": work,
}


def answer(line):
    """The answer to a question: ``ok`` with what there is to say, or ``error``."""
    number = None
    try:
        question = json.loads(line)
        number = question["id"]
        command = COMMANDS.get(question["do"])
        if command is None:
            raise ValueError(f"there is no command {question['do']!r}")
        said = json.dumps({"id": number, "ok": command(**question["what"])})
        if len(said) > MOST_BYTES:
            raise ValueError(f"the answer is longer than {MOST_BYTES >> 20} MiB")
        return said
    except Exception as error:  # whatever a question makes go wrong is its answer, and the desktop goes on
        return json.dumps({"id": number, "error": str(error) or type(error).__name__})


def serve(questions, output):
    """Answer one question after another."""
    from a11y import COMMANDS as WIDGETS  # takes a moment, in which the session comes up

    COMMANDS.update(WIDGETS)
    while True:
        said = answer(questions.get()).encode() + b"\n"
        while said:
            said = said[os.write(output, said) :]


def main():
    """Start everything, and read questions until they end."""
    output = os.dup(1)
    os.dup2(2, 1)  # what anything else prints is no answer
    questions = queue.SimpleQueue()
    run_desktop(sys.argv[1], "view" in sys.argv[2:])
    threading.Thread(target=serve, args=(questions, output), daemon=True).start()
    for line in sys.stdin.buffer:
        questions.put(line)
    os._exit(0)


if __name__ == "__main__":
    main()
