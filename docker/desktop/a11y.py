"""What the programs on the desktop show, by the accessibility tree: commands of the agent.

Every GTK program tells its widgets on a D-Bus of its own (AT-SPI 2: `org.a11y.atspi.Accessible` and its siblings). The
calls of one level of the tree are in flight together, so that a window takes some tens of milliseconds. Nothing is
cached: programs make nodes when they like, and a read is of one moment. Only nodes that show are descended into.

A node, as all commands give it:

    role      of AT-SPI, `push button`, with blanks
    name      as the program says it; '' where it has none
    box       x, y, width, height on the screen, pixels
    seen      the part of it that no scrolled ancestor hides
    states    those of `STATES` that it has
    window    name of the top-level that it is in
    popup     whether it is in a menu or another window that the window manager does not know
    text      what it holds, where it holds any (of matches only)
    value     of spin buttons, sliders and progress bars (of matches only)
"""

import re
import time
from contextlib import contextmanager, suppress
from functools import cache

from gi.repository import Gio, GLib

STATES = {
    "active": 1, "checked": 4, "editable": 7, "expanded": 10, "focused": 12, "modal": 16, "pressed": 20,
    "selected": 23, "sensitive": 24, "showing": 25,
}  # fmt: skip
"""Numbers of AtspiStateType, of those that matter."""
EVENTS = (
    "object:state-changed", "object:children-changed", "object:bounds-changed", "object:property-change",
    "object:text-changed", "object:visible-data-changed", "window",
)  # fmt: skip
"""What wakes a wait."""
REGISTRY = "org.a11y.atspi.Registry"
ROOT = "/org/a11y/atspi/accessible/root"
ACCESSIBLE = "org.a11y.atspi.Accessible"
CALL_MS = 2000
"""How long a program may take to answer a call; one that hangs is left out."""
MOST_NODES = 6000
MOST_TEXT = 100_000
"""Characters of a widget."""
SETTLE_S = 0.06
"""Between the two reads that must agree."""
REREAD_S = 0.25
"""A wait reads again after so long though nothing woke it: programs hear late that somebody listens."""


class Bus:
    """The accessibility bus. Of the thread that makes it, and for no other."""

    def __init__(self):
        self._context = GLib.MainContext.new()
        self._context.push_thread_default()  # answers and events come here, and to no main loop
        self._woken = False
        session = Gio.bus_get_sync(Gio.BusType.SESSION)
        address = session.call_sync(
            "org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus", "GetAddress", None, None, 0, 10_000, None
        ).unpack()[0]
        flags = Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION
        self._connection = Gio.DBusConnection.new_for_address_sync(address, flags, None, None)

    def call_all(self, calls):
        """Make calls together, each (program, path, interface, method, arguments); their answers, None for errors."""
        answers = [None] * len(calls)
        left = len(calls)

        def answered(_, result, number):
            nonlocal left
            left -= 1
            with suppress(GLib.Error):  # the program has gone, or the node has not what was asked for
                answers[number] = self._connection.call_finish(result).unpack()

        for number, (program, path, interface, method, arguments) in enumerate(calls):
            self._connection.call(program, path, interface, method, arguments, None, 0, CALL_MS, None, answered, number)
        while left:
            self._context.iteration(True)
        return answers

    @contextmanager
    def listening(self):
        """A block in which what happens on the desktop wakes `pause`."""
        subscriptions = [
            self._connection.signal_subscribe(
                None, f"org.a11y.atspi.Event.{kind}", None, None, None, Gio.DBusSignalFlags.NONE, self._wake
            )
            for kind in ("Object", "Window")
        ]
        self._registry("RegisterEvent", [GLib.Variant("(sass)", (event, [], "")) for event in EVENTS])
        try:
            yield
        finally:
            self._registry("DeregisterEvent", [GLib.Variant("(s)", (event,)) for event in EVENTS])
            for subscription in subscriptions:
                self._connection.signal_unsubscribe(subscription)

    def pause(self, limit_s):
        """Until something happens, or the limit."""
        timer = GLib.timeout_source_new(max(1, int(limit_s * 1000)))
        timer.set_callback(self._wake)
        timer.attach(self._context)
        self._woken = False
        while not self._woken:
            self._context.iteration(True)
        timer.destroy()

    def _wake(self, *_):
        self._woken = True
        return False  # a timer that has rung is done

    def _registry(self, method, arguments):
        path = "/org/a11y/atspi/registry"
        self.call_all([(REGISTRY, path, "org.a11y.atspi.Registry", method, one) for one in arguments])


@cache
def bus():
    """The one of this process, made at the first question."""
    return Bus()


def tree(window=None):
    """All nodes that show, of the windows whose name `window` is found in (a regular expression; None: all)."""
    nodes = _nodes(window)
    for node in nodes:
        del node["_at"]
    return nodes


def find(window=None, role=None, name=None, text=None, states=("sensitive",)):
    """The nodes of which something is seen and that match, in the order of the tree.

    Args:
        window, role, name, text: regular expressions that must be found in what the node has of each; None: any.
        states: what it must be.
    """
    return _matches(window, role, name, text, states)


def wait_for(window=None, role=None, name=None, text=None, states=("sensitive",), nth=0, gone=False, limit_s=10.0):
    """Wait until a node matches and stands still, its box equal in two reads; or until none matches.

    Args:
        window, role, name, text, states: as of `find`.
        nth: which of the matches, -1 the last.
        gone: wait until no node matches.
        limit_s: how long.

    Returns:
        `found`: the node, or None at the limit; `gone`: whether none matches; `count`: matches in the last read.
    """
    until = time.monotonic() + limit_s
    with bus().listening():
        before = None
        while True:
            found = _matches(window, role, name, text, states)
            one = found[nth] if -len(found) <= nth < len(found) else None
            stands = one is not None and before is not None and one["box"] == before["box"]
            if time.monotonic() >= until or (not found if gone else stands):
                return {"found": one if stands else None, "gone": not found, "count": len(found)}
            before = one
            if one is None or gone:
                bus().pause(max(0.0, min(REREAD_S, until - time.monotonic())))
            else:
                _settle(until)


COMMANDS = {"tree": tree, "find": find, "wait_for": wait_for}


def _settle(until):
    settled = min(until, time.monotonic() + SETTLE_S)
    while (left_s := settled - time.monotonic()) > 0:
        bus().pause(left_s)


def _matches(window, role, name, text, states):
    nodes = [
        node
        for node in _nodes(window)
        if node["seen"][2] > 0
        and set(states) <= set(node["states"])
        and (role is None or re.search(role, node["role"]))
        and (name is None or re.search(name, node["name"]))
    ]
    _fill(nodes)
    nodes = [node for node in nodes if text is None or re.search(text, node["text"])]
    for node in nodes:
        del node["_at"]
    return nodes


def _nodes(window):
    """The nodes that show, in the order of the tree."""
    roots = level = _tops(window)
    count = len(roots)
    while level and count < MOST_NODES:
        below = [(child, node) for node in level for child in node["_children"]][: MOST_NODES - count]
        children, parents = [child for child, _ in below], [parent for _, parent in below]
        level = []
        for parent, node in zip(parents, _read(children, parents), strict=True):
            if node:
                node["window"] = parent["window"]
                node["popup"] = parent["popup"] or parent["role"] == "menu"
                parent["_below"].append(node)
                level.append(node)
        count += len(level)
    ordered = []
    stack = roots[::-1]
    while stack:
        node = stack.pop()
        stack += node.pop("_below")[::-1]
        del node["_children"], node["_clip"]
        ordered.append(node)
    return ordered


def _tops(window):
    """The windows that show, menus and other popups among them."""
    places = _children(_children([(REGISTRY, ROOT)]))
    tops = [node for node in _read(places, [None] * len(places)) if node]
    for node in tops:
        node |= {"window": node["name"], "popup": node["role"] in ("window", "popup menu", "menu")}
    return [node for node in tops if window is None or re.search(window, node["name"])]


def _children(places):
    answers = bus().call_all([(*place, ACCESSIBLE, "GetChildren", None) for place in places])
    return [child for answer in answers if answer for child in answer[0]]


def _read(places, parents):
    """What there is to be said of nodes; None for those that do not show."""
    calls = []
    for place in places:
        calls += [
            (*place, ACCESSIBLE, "GetRoleName", None),
            (*place, ACCESSIBLE, "GetState", None),
            (*place, ACCESSIBLE, "GetChildren", None),
            (*place, "org.a11y.atspi.Component", "GetExtents", GLib.Variant("(u)", (0,))),
            (*place, "org.freedesktop.DBus.Properties", "Get", GLib.Variant("(ss)", (ACCESSIBLE, "Name"))),
        ]
    answers = bus().call_all(calls)
    nodes = []
    for number, (place, parent) in enumerate(zip(places, parents, strict=True)):
        role, state, children, extents, name = answers[number * 5 : number * 5 + 5]
        node = None
        if role and state:
            bits = sum(word << 32 * index for index, word in enumerate(state[0]))
            node = {
                "role": role[0].replace("-", " "),
                "name": name[0].strip() if name else "",
                "states": [state for state, bit in STATES.items() if bits >> bit & 1],
                "_at": place,
                "_children": children[0] if children else [],
                "_below": [],
            }
            _place(node, extents, parent)
            # Items of icon views lack the state though they can be seen.
            if "showing" not in node["states"] and not (node["role"] == "icon" and parent):
                node = None
        nodes.append(node)
    return nodes


def _place(node, extents, parent):
    """Add a node's box, the part of it that is seen, and `_clip`: where its children can be seen.

    Rows that are scrolled away show, too, as far as their programs tell; their ancestors' boxes leave nothing of them.
    Menus pop up outside of their parents, and a page is in its tab's notebook, not in its tab.
    """
    x, y, width, height = extents[0] if extents else (0, 0, 0, 0)
    valid = width > 0 and height > 0 and min(x, y) > -(1 << 30)
    clip = parent["_clip"] if parent and node["role"] != "menu" else None
    node["box"] = [x, y, width, height] if valid else [0, 0, 0, 0]
    node["seen"] = _common(node["box"], clip) if clip else node["box"]
    if node["role"] == "menu":
        node["_clip"] = None
    else:
        node["_clip"] = node["seen"] if valid and node["role"] != "page tab" else clip


def _common(box, clip):
    left, top = max(box[0], clip[0]), max(box[1], clip[1])
    right, bottom = min(box[0] + box[2], clip[0] + clip[2]), min(box[1] + box[3], clip[1] + clip[3])
    return [left, top, right - left, bottom - top] if right > left and bottom > top else [0, 0, 0, 0]


def _fill(nodes):
    """Add text and value."""
    calls = []
    for node in nodes:
        value = GLib.Variant("(ss)", ("org.a11y.atspi.Value", "CurrentValue"))
        calls += [
            (*node["_at"], "org.a11y.atspi.Text", "GetText", GLib.Variant("(ii)", (0, -1))),
            (*node["_at"], "org.freedesktop.DBus.Properties", "Get", value),
        ]
    answers = bus().call_all(calls)
    for node, text, value in zip(nodes, answers[::2], answers[1::2], strict=True):
        node["text"] = text[0][:MOST_TEXT] if text else ""
        node["value"] = value[0] if value else None
