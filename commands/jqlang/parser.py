"""Reads the words of a jq program into its tree."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from commands.jqlang import tree
from commands.jqlang.cursor import Cursor
from commands.jqlang.tokens import KEYWORDS, BadProgram, Token, number_of, tokens_of
from commands.jqlang.tree import Node, Pattern

_ASSIGNMENTS = ("=", "|=", "+=", "-=", "*=", "/=", "%=", "//=")
_COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")
_DEEPEST = 250


def parse(text: str) -> Node:
    """The tree of a program. Raises BadProgram."""
    parser = _Parser(tokens_of(text))
    node = tree.Identity() if parser.at_end() else parser.pipe()
    parser.expect_end()
    return node


def parse_function(text: str) -> tree.Function:
    """One definition. Raises BadProgram."""
    parser = _Parser(tokens_of(text))
    function = parser.function()
    parser.expect_end()
    return function


class _Parser(Cursor):
    def __init__(self, tokens: Sequence[Token]) -> None:
        super().__init__(tokens)
        self._depth = 0
        self._terms: dict[str, Callable[[], Node]] = {
            "if": self._if, "reduce": self._reduce, "foreach": self._foreach, "try": self._try,
            "label": self._label, "def": self._define,
        }  # fmt: skip

    # -- from the loosest operator to the tightest

    def pipe(self) -> Node:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise BadProgram("nested too deeply")
        try:
            if self.peek("def"):
                return self._define()
            left = self._comma()
            if self.take("|"):
                return tree.Pipe(left, self.pipe())
            return left
        finally:
            self._depth -= 1

    def _comma(self) -> Node:
        left = self._alternative()
        while self.take(","):
            left = tree.Comma(left, self._alternative())
        return left

    def _alternative(self) -> Node:
        """`//` binds to the right and looser than assignment does to its target."""
        left = self._assignment()
        if self.take("?//"):
            return tree.Alternative(tree.Try(left, None), self._alternative())
        return tree.Alternative(left, self._alternative()) if self.take("//") else left

    def _assignment(self) -> Node:
        left = self._or()
        for operator in _ASSIGNMENTS:
            if self.take(operator):
                return tree.Assign(operator[:-1], left, self._or())
        return left

    def _or(self) -> Node:
        left = self._and()
        while self.take("or"):
            left = tree.Or(left, self._and())
        return left

    def _and(self) -> Node:
        left = self._comparison()
        while self.take("and"):
            left = tree.And(left, self._comparison())
        return left

    def _comparison(self) -> Node:
        left = self._sum()
        for operator in _COMPARISONS:
            if self.take(operator):
                right = self._sum()
                if self.peek(*_COMPARISONS):
                    raise self.wrong()
                return tree.Binary(operator, left, right)
        return left

    def _sum(self) -> Node:
        left = self._product()
        while self.peek("+", "-"):
            operator = self.token.text
            self.place += 1
            left = tree.Binary(operator, left, self._product())
        return left

    def _product(self) -> Node:
        left = self._unary()
        while self.peek("*", "/", "%"):
            operator = self.token.text
            self.place += 1
            left = tree.Binary(operator, left, self._unary())
        return left

    def _unary(self) -> Node:
        return tree.Negative(self._postfix()) if self.take("-") else self._postfix()

    def _postfix(self) -> Node:
        node = self._term()
        while True:
            if self.take("?"):
                node = tree.Try(node, None)
            elif (field := self.kind("field")) is not None:
                node = tree.Index(node, tree.Literal(field.text[1:]))
            elif self.peek(".") and self.after_dot("string"):
                self.place += 1
                node = tree.Index(node, self._string("text"))
            elif self.peek(".") and self.after_dot("["):
                self.place += 2
                node = self._brackets(node)
            elif self.take("["):
                node = self._brackets(node)
            elif self.take("as"):
                return self._bind(node)
            else:
                return node

    def _brackets(self, of: Node) -> Node:
        """What stands behind `[`."""
        if self.take("]"):
            return tree.Each(of)
        if self.take(":"):
            stop = self.pipe()
            self.expect("]")
            return tree.Slice(of, None, stop)
        key = self.pipe()
        if self.take(":"):
            slice_stop = None if self.peek("]") else self.pipe()
            self.expect("]")
            return tree.Slice(of, key, slice_stop)
        self.expect("]")
        return tree.Index(of, key)

    def _bind(self, source: Node) -> Node:
        patterns = [self._pattern()]
        while self.take("?//"):
            patterns.append(self._pattern())
        self.expect("|")
        return tree.Bind(source, tuple(patterns), self.pipe())

    def _pattern(self) -> Pattern:
        if self.take("["):
            items = [self._pattern()]
            while self.take(","):
                items.append(self._pattern())
            self.expect("]")
            return tree.ArrayPattern(tuple(items))
        if self.take("{"):
            entries = [self._pattern_entry()]
            while self.take(","):
                entries.append(self._pattern_entry())
            self.expect("}")
            return tree.ObjectPattern(tuple(entries))
        return tree.VariablePattern(self.variable_name())

    def _pattern_entry(self) -> tuple[str, Node, Pattern | None]:
        variable = self.kind("variable")
        if variable is not None:
            name = variable.text[1:]
            return name, tree.Literal(name), self._pattern() if self.take(":") else None
        word = self.kind("word") or self.kind("keyword")
        if word is not None:
            key: Node = tree.Literal(word.text)
        elif self.take("("):
            key = self.pipe()
            self.expect(")")
        else:
            key = self._string("text")
        self.expect(":")
        return "", key, self._pattern()

    # -- terms

    def _term(self) -> Node:
        if self.at_end():
            raise self.wrong()
        token = self.token
        if token.kind == "keyword" and token.text in self._terms:
            return self._terms[token.text]()
        if token.kind == "string":
            return self._string("text")
        if token.kind == "number":
            self.place += 1
            return tree.Literal(number_of(token.text))
        if token.kind == "format":
            self.place += 1
            following = self.at_end() or self.token.kind != "string"
            return tree.Format(token.text[1:]) if following else self._string(token.text[1:])
        if token.kind == "field":
            self.place += 1
            return tree.Index(tree.Identity(), tree.Literal(token.text[1:]))
        if token.kind == "variable":
            self.place += 1
            if token.text == "$__loc__":
                return tree.Literal({"file": "<top-level>", "line": 1})
            return tree.Variable(token.text[1:])
        if token.kind == "word":
            return self._call()
        return self._marked()

    def _marked(self) -> Node:
        if self.take("("):
            node = self.pipe()
            self.expect(")")
            return node
        if self.take("["):
            if self.take("]"):
                return tree.Array(None)
            node = self.pipe()
            self.expect("]")
            return tree.Array(node)
        if self.take("{"):
            return self._object()
        if self.take(".."):
            return tree.Recurse()
        if self.take("-"):
            return tree.Negative(self._postfix())
        if self.take("."):
            if not self.at_end() and self.token.kind == "string":
                return tree.Index(tree.Identity(), self._string("text"))
            return tree.Identity()
        raise self.wrong()

    def _call(self) -> Node:
        name = self.token.text
        self.place += 1
        if name == "break":
            return tree.Break(self.variable_name())
        arguments: list[Node] = []
        if self.take("("):
            arguments.append(self.pipe())
            while self.take(";"):
                arguments.append(self.pipe())
            self.expect(")")
        return tree.Call(name, tuple(arguments))

    def _string(self, form: str) -> Node:
        token = self.kind("string")
        if token is None:
            raise self.wrong()
        parts: list[str | Node] = []
        for part in token.parts:
            if isinstance(part, str):
                parts += [part] if part else []
            else:
                inner = _Parser(part)
                parts.append(inner.pipe())
                inner.expect_end()
        if all(isinstance(part, str) for part in parts):
            return tree.Literal("".join([part for part in parts if isinstance(part, str)]))
        return tree.Text(tuple(parts), form)

    def _object(self) -> Node:
        entries: list[tuple[Node, Node]] = []
        while not self.take("}"):
            entries.append(self._entry())
            if not self.peek("}"):
                self.expect(",")
        return tree.Object(tuple(entries))

    def _entry(self) -> tuple[Node, Node]:
        variable = self.kind("variable")
        if variable is not None:
            if variable.text == "$__loc__":
                return tree.Literal("__loc__"), tree.Literal({"file": "<top-level>", "line": 1})
            return tree.Literal(variable.text[1:]), tree.Variable(variable.text[1:])
        word = self.kind("word") or self.kind("keyword")
        if word is not None:
            key: Node = tree.Literal(word.text)
        elif (number := self.kind("number")) is not None:
            raise BadProgram(f"Cannot use number ({number.text}) as object key")
        elif self.take("("):
            key = self.pipe()
            self.expect(")", ":")
            return key, self._entry_value()
        else:
            form = self.kind("format")
            key = self._string(form.text[1:] if form else "text")
        if self.take(":"):
            return key, self._entry_value()
        return key, tree.Index(tree.Identity(), key)

    def _entry_value(self) -> Node:
        """A value without `,`; several may be joined by `|`."""
        value = self._alternative()
        return tree.Pipe(value, self._entry_value()) if self.take("|") else value

    # -- keywords

    def _if(self) -> Node:
        self.place += 1
        condition = self.pipe()
        self.expect("then")
        then = self.pipe()
        if self.peek("elif"):
            return tree.If(condition, then, self._if())
        otherwise: Node = tree.Identity()
        if self.take("else"):
            otherwise = self.pipe()
        self.expect("end")
        return tree.If(condition, then, otherwise)

    def _try(self) -> Node:
        self.place += 1
        body = self._unary()
        return tree.Try(body, self._unary() if self.take("catch") else None)

    def _reduce(self) -> Node:
        self.place += 1
        source, pattern = self._source()
        start = self.pipe()
        self.expect(";")
        update = self.pipe()
        self.expect(")")
        return tree.Reduce(source, pattern, start, update)

    def _foreach(self) -> Node:
        self.place += 1
        source, pattern = self._source()
        start = self.pipe()
        self.expect(";")
        update = self.pipe()
        extract: Node = self.pipe() if self.take(";") else tree.Identity()
        self.expect(")")
        return tree.Foreach(source, pattern, start, update, extract)

    def _source(self) -> tuple[Node, Pattern]:
        source = self._term()
        while not self.peek("as"):
            if self.take("?"):
                source = tree.Try(source, None)
            elif (field := self.kind("field")) is not None:
                source = tree.Index(source, tree.Literal(field.text[1:]))
            elif self.peek(".") and self.after_dot("["):
                self.place += 2
                source = self._brackets(source)
            elif self.take("["):
                source = self._brackets(source)
            else:
                raise self.wrong()
        self.expect("as")
        pattern = self._pattern()
        self.expect("(")
        return source, pattern

    def _label(self) -> Node:
        self.place += 1
        name = self.variable_name()
        self.expect("|")
        return tree.Label(name, self.pipe())

    def _define(self) -> Node:
        function = self.function()
        rest = tree.Identity() if self.at_end() else self.pipe()
        return tree.Define(function, rest)

    def function(self) -> tree.Function:
        self.expect("def")
        word = self.kind("word") or self.kind("keyword")
        if word is None:
            raise self.wrong()
        parameters: list[str] = []
        if self.take("("):
            parameters.append(self._parameter())
            while self.take(";"):
                parameters.append(self._parameter())
            self.expect(")")
        self.expect(":")
        body = self.pipe()
        self.expect(";")
        return tree.Function(word.text, tuple(parameters), body)

    def _parameter(self) -> str:
        token = self.kind("variable") or self.kind("word")
        if token is None or token.text in KEYWORDS:
            raise self.wrong()
        return token.text
