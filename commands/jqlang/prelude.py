"""The functions of jq that are written in jq itself, each read when it is first called."""

from __future__ import annotations

from functools import cache

from commands.jqlang.parser import parse_function
from commands.jqlang.tree import Function

_SOURCES = {
    ("map", 1): "def map(f): [.[] | f];",
    ("map_values", 1): "def map_values(f): .[] |= f;",
    ("select", 1): "def select(f): if f then . else empty end;",
    ("recurse", 2): "def recurse(f; cond): def r: ., (f | select(cond) | r); r;",
    ("recurse_down", 0): "def recurse_down: recurse;",
    ("values", 0): "def values: select(. != null);",
    ("nulls", 0): "def nulls: select(. == null);",
    ("booleans", 0): 'def booleans: select(type == "boolean");',
    ("numbers", 0): 'def numbers: select(type == "number");',
    ("strings", 0): 'def strings: select(type == "string");',
    ("arrays", 0): 'def arrays: select(type == "array");',
    ("objects", 0): 'def objects: select(type == "object");',
    ("iterables", 0): 'def iterables: select(type == "array" or type == "object");',
    ("scalars", 0): 'def scalars: select(type != "array" and type != "object");',
    ("to_entries", 0): "def to_entries: [keys_unsorted[] as $k | {key: $k, value: .[$k]}];",
    ("from_entries", 0): (
        'def from_entries: reduce .[] as $x ({}; . + { ($x | if type == "object" then '
        '(if has("key") then .key elif has("k") then .k elif has("name") then .name elif has("Name") '
        'then .Name elif has("Key") then .Key elif has("K") then .K else null end) '
        'else . end | if type == "string" then . elif type == "null" then "null" else tojson end): '
        '($x | if has("value") then .value elif has("v") then .v elif has("Value") then .Value '
        'elif has("V") then .V else null end) });'
    ),
    ("with_entries", 1): "def with_entries(f): to_entries | map(f) | from_entries;",
    ("del", 1): "def del(f): delpaths([path(f)]);",
    ("paths", 0): "def paths: path(..) | select(length > 0);",
    ("paths", 1): "def paths(f): path(.. | select(f)) | select(length > 0);",
    ("leaf_paths", 0): "def leaf_paths: paths(scalars);",
    ("pick", 1): "def pick(f): . as $top | reduce path(f) as $p (null; setpath($p; $top | getpath($p)));",
    ("any", 0): "def any: any(.[]; .);",
    ("all", 0): "def all: all(.[]; .);",
    ("any", 1): "def any(f): any(.[]; f);",
    ("all", 1): "def all(f): all(.[]; f);",
    ("isvalid", 1): "def isvalid(f): try (f | true) catch false;",
    ("in", 1): "def in($o): . as $k | $o | has($k);",
    ("inside", 1): "def inside($o): . as $x | $o | contains($x);",
    ("first", 0): "def first: .[0];",
    ("last", 0): "def last: .[-1];",
    ("nth", 1): "def nth($n): .[$n];",
    ("nth", 2): (
        'def nth($n; f): if $n < 0 then error("Out of bounds negative array index") '
        "else first(skip($n; f)) end;"
    ),
    ("combinations", 0): (
        "def combinations: if length == 0 then [] else .[0][] as $x | (.[1:] | combinations) as $w "
        "| [$x] + $w end;"
    ),
    ("combinations", 1): "def combinations(n): . as $dot | [range(n)] | map($dot) | combinations;",
    ("walk", 1): (
        'def walk(f): def w: if type == "object" then map_values(w) elif type == "array" then map(w) '
        "else . end | f; w;"
    ),
    ("todate", 0): 'def todate: strftime("%Y-%m-%dT%H:%M:%SZ");',
    ("fromdate", 0): "def fromdate: fromdateiso8601;",
    ("date", 0): "def date: todate;",
    ("fromdateiso8601", 0): 'def fromdateiso8601: strptime("%Y-%m-%dT%H:%M:%SZ") | mktime;',
    ("todateiso8601", 0): 'def todateiso8601: strftime("%Y-%m-%dT%H:%M:%SZ");',
    ("dateadd", 2): "def dateadd(u; n): . + n;",
    ("datesub", 2): "def datesub(u; n): . - n;",
    ("finites", 0): "def finites: select(isinfinite or isnan | not);",
    ("normals", 0): "def normals: select(isnormal);",
    ("tostream", 0): (
        "def tostream: path(def r: (.[]? | r), .; r) as $p | getpath($p) | reduce path(.[]?) as $q "
        "([$p, .]; [$p + $q]);"
    ),
    ("fromstream", 1): (
        "def fromstream(f): {x: null, e: false} as $init | foreach f as $i ($init; "
        'if .e then $init else . end | if $i | length == 2 then setpath(["e"]; $i[0] | length == 0) '
        '| setpath(["x"] + $i[0]; $i[1]) else setpath(["e"]; $i[0] | length == 1) end; '
        "if .e then .x else empty end);"
    ),
    ("truncate_stream", 1): (
        "def truncate_stream(f): . as $n | null | f | . as $input | if (.[0] | length) > $n "
        "then setpath([0]; .[0][$n:]) else empty end;"
    ),
    ("INDEX", 2): "def INDEX(s; f): reduce s as $row ({}; .[$row | f | tostring] |= $row);",
    ("INDEX", 1): "def INDEX(f): INDEX(.[]; f);",
    ("IN", 1): "def IN(s): any(s == .; .);",
    ("IN", 2): "def IN(src; s): any(src == s; .);",
    ("ascii", 0): "def ascii: [.] | implode;",
    ("add", 1): "def add(f): reduce f as $x (null; . + $x);",
    ("debug", 1): "def debug(f): (f | debug | empty), .;",
    ("scan", 1): "def scan($re): scan($re; null);",
    ("scan", 2): (
        'def scan($re; $flags): match($re; "g" + $flags) | if (.captures | length) > 0 '
        "then [.captures[].string] else .string end;"
    ),
    ("match", 1): "def match($val): match($val; null);",
    ("test", 1): "def test($val): test($val; null);",
    ("capture", 1): "def capture($val): capture($val; null);",
    ("capture", 2): (
        "def capture($re; $flags): match($re; $flags) | [.captures | .[] | select(.name != null) "
        "| {key: .name, value: .string}] | from_entries;"
    ),
    ("splits", 1): "def splits($re): splits($re; null);",
    ("splits", 2): "def splits($re; flags): split($re; flags) | .[];",
    ("sub", 2): "def sub($re; str): sub($re; str; null);",
    ("gsub", 2): 'def gsub($re; str): sub($re; str; "g");',
    ("gsub", 3): 'def gsub($re; str; $flags): sub($re; str; "g" + $flags);',
    ("input_filename", 0): "def input_filename: null;",
    ("halt_error", 0): "def halt_error: halt_error(5);",
    ("have_literal_numbers", 0): "def have_literal_numbers: true;",
    ("have_decnum", 0): "def have_decnum: false;",
    ("abs", 0): 'def abs: if type == "number" and . < 0 then -. else . end;',
    ("toarray", 0): 'def toarray: if type == "array" then . else [.] end;',
    ("trimstr", 1): "def trimstr($s): ltrimstr($s) | rtrimstr($s);",
}
"""By name and number of arguments."""


@cache
def prelude(name: str, arguments: int) -> Function | None:
    """The function of this name, or None."""
    source = _SOURCES.get((name, arguments))
    return None if source is None else parse_function(source)


def names() -> list[tuple[str, int]]:
    """All that are defined here."""
    return list(_SOURCES)
