"""Compiles Python sources to byte code, those first that a first import is likely to need. It runs none of them.

Its argument is JSON: {"folder": with installed packages, "asked": [names of packages], "workers": number of processes}.
It ends when all is compiled, and at once with the end of its standard input. Exit code 1: something may not be written.
"""

import heapq
import importlib.util
import json
import os
import py_compile
import re
import select
import sys

# How likely a source is needed: what was asked for and what that imports; what came along; what is below the former;
# all else; tests.
ASKED, BESIDE, BELOW, REST, TEST = range(5)
TESTS = {"test", "tests", "testing", "conftest"}
LARGEST_RECORD = 1 << 26

# A line that begins at the margin tells whether what is indented below it runs when the module is imported.
LINE = re.compile(r"^(?:[ \t]+(?=from\b|import\b)|(?=[A-Za-z@]))([^\n]*)", re.M)
BLOCK = re.compile(r"(?:try|else|except|finally|if|elif|with)\b(?!.*TYPE_CHECKING)")
FROM = re.compile(r"from\s+(\.*)\s*([\w.]*)\s+import\s+(.*)", re.S)


def imports(text, package):
    """Names of modules that a source is likely to import, in order; some are none."""
    found = []
    inside = False
    for match in LINE.finditer(text):
        line = match.group(1)
        if match.start(1) == match.start():
            inside = BLOCK.match(line) is not None
        elif not inside:
            continue
        if line.startswith("import "):
            for each in line[7:].split("#")[0].split(","):
                found += above(each.split(" as ")[0].strip())
        elif line.startswith("from "):
            if "(" in line and ")" not in line:
                end = text.find(")", match.end())
                line += text[match.end() : end if end > 0 else match.end()]
            found += of_from(line, package)
    return list(dict.fromkeys(found))


def of_from(line, package):
    match = FROM.match(line)
    if not match:
        return []
    dots, module, names = match.groups()
    if dots:
        base = package.split(".") if package else []
        base = base[: len(base) - len(dots) + 1]
        module = ".".join(base + ([module] if module else []))
    names = re.sub(r"#[^\n]*", "", names).strip("() \t\n\\")
    parts = [each.split(" as ")[0].strip(" \t\n\\") for each in names.split(",")]
    return above(module) + [module + "." + part for part in parts if part.isidentifier()]


def above(module):
    parts = module.split(".")
    return [".".join(parts[: i + 1]) for i in range(len(parts))]


class Source:
    def __init__(self, folder, path):
        self.file = os.path.join(folder, path)
        self.target = importlib.util.cache_from_source(self.file)
        stem = path[:-3]
        self.is_package = os.path.basename(stem) == "__init__"
        parts = stem.split(os.sep)
        self.module = ".".join(parts[:-1] if self.is_package else parts)
        self.package = self.module if self.is_package else ".".join(parts[:-1])
        self.done = os.path.exists(self.target)


def compile_one(file, target, package):
    """Answers what it imports. What is no Python of this version is left as it is."""
    denied = False
    found = []
    try:
        # The content decides, not the clock: what is moved or unpacked later keeps its byte code.
        mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
        py_compile.compile(file, cfile=target, doraise=True, invalidation_mode=mode)
        with open(file, encoding="utf-8", errors="replace") as text:
            found = imports(text.read(), package)
    except PermissionError:
        denied = True
    except (py_compile.PyCompileError, OSError, ValueError, RecursionError, MemoryError):
        pass
    return {"denied": denied, "imports": found}


class Worker:
    """A process of its own that compiles one source at a time."""

    def __init__(self, others):
        orders, self.orders = os.pipe()
        self.answers, answers = os.pipe()
        if os.fork() == 0:
            for other in others:
                os.close(other.orders)
            os.close(self.orders)
            self.serve(orders, answers)
        os.close(orders)
        os.close(answers)
        self.reader = open(self.answers, encoding="utf-8")
        self.source = None

    @staticmethod
    def serve(orders, answers):
        try:
            with open(orders, encoding="utf-8") as lines, open(answers, "w", encoding="utf-8") as out:
                for line in lines:
                    print(json.dumps(compile_one(*json.loads(line))), file=out, flush=True)
        finally:
            os._exit(0)

    def give(self, source):
        self.source = source
        line = json.dumps([source.file, source.target, source.package]) + "\n"
        os.write(self.orders, line.encode())

    def take(self):
        source, self.source = self.source, None
        return source, json.loads(self.reader.readline())


class Plan:
    """What to compile next."""

    def __init__(self, folder, asked):
        sources = [Source(folder, path) for path in walk(folder)]
        self.modules = {source.module: source for source in reversed(sources)}
        self.heap = []
        self.stamp = 0
        tops = asked_tops(folder, {normal(name) for name in asked})
        for source in sources:
            self.push(source, likelihood(source, tops))

    def push(self, source, rank):
        # First what all parts import, then what that imports. An import that is under way meanwhile goes deep first: with
        # the same order both would compile the same sources at the same time.
        self.stamp += 1
        if not source.done:
            heapq.heappush(self.heap, (rank, self.stamp, source))

    def next(self):
        while self.heap:
            rank, _, source = heapq.heappop(self.heap)
            if not source.done:
                source.done = True
                source.rank = rank
                return source
        return None

    def imported(self, names, rank):
        for name in names:
            source = self.modules.get(name)
            if source:
                self.push(source, rank)


def walk(folder):
    found = []
    for place, folders, names in os.walk(folder):
        folders.sort()
        found += [os.path.relpath(os.path.join(place, name), folder) for name in names if name.endswith(".py")]
    return found


def likelihood(source, asked):
    parts = source.module.split(".")
    if TESTS.intersection(parts):
        return TEST
    if len(parts) == 1:
        return ASKED if parts[0] in asked else BESIDE
    if len(parts) == 2 and source.is_package and parts[0] in asked and not parts[1].startswith("_"):
        return BELOW
    return REST


def asked_tops(folder, asked):
    """Names at the top of the folder that belong to packages that were asked for."""
    tops = set()
    for info in os.listdir(folder):
        record = os.path.join(folder, info, "RECORD")
        if info.endswith(".dist-info") and normal(info.split("-")[0]) in asked and os.path.isfile(record):
            with open(record, encoding="utf-8", errors="replace") as lines:
                text = lines.read(LARGEST_RECORD)
            tops.update(re.findall(r"^(\w+)(?:/|\.py,)", text, re.M))
    return tops


def normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def give_way():
    """To everything else on this host, where sessions are scheduled as groups."""
    try:
        with open("/proc/self/autogroup", "w", encoding="ascii") as file:
            file.write("19")
    except OSError:
        pass


def main():
    give_way()
    order = json.loads(sys.argv[1])
    plan = Plan(order["folder"], order["asked"])
    workers = []
    for _ in range(order["workers"]):
        workers.append(Worker(workers))
    denied = False
    while True:
        for worker in workers:
            source = None if worker.source else plan.next()
            if source:
                worker.give(source)
        busy = [worker.answers for worker in workers if worker.source]
        if not busy:
            sys.exit(denied)
        ready = select.select([0, *busy], [], [])[0]
        if 0 in ready and not os.read(0, 1 << 16):
            sys.exit(denied)
        for worker in workers:
            if worker.answers in ready:
                source, answer = worker.take()
                denied = denied or answer["denied"]
                plan.imported(answer["imports"], source.rank)


if __name__ == "__main__":
    main()
