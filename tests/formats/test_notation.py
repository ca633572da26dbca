"""The notation of formats: prints back, parses to the same, refuses everything else in one sentence, quickly."""

import re
import time
from dataclasses import replace

import pytest
from any_format import fixed, floats
from effort import examples
from hypothesis import assume, example, given
from hypothesis import strategies as st

from formats.catalogue import AMBIGUOUS, CATALOGUE, Named
from formats.family import Format
from formats.fixed import Fixed
from formats.floats import Float, Specials, ieee, p3109
from formats.notation import names, parse, parse_float, text
from refmath.errors import RefmathError


@examples(600)
@given(floats(max_exponent_bits=28, max_trailing=300) | fixed(max_width=500))
def test_any_format_prints_text_that_parses_to_it(fmt: Format) -> None:
    """parse(text(f)) is f, under the name that text gives, and printing it again changes nothing."""
    written = text(fmt)
    again = parse(written)
    assert again == fmt
    assert again.name == written == text(again)


@examples(300)
@given(st.integers(3, 200), st.data())
def test_every_p3109_name_parses(k: int, data: st.DataObject) -> None:
    """binary<K>p<P><s|u><e|f> has the parameters of section 3 and prints as its name; an older revision is said."""
    signed = data.draw(st.booleans())
    p = data.draw(st.integers(max(1, k - 30), k - signed))
    assume(k - p + (not signed) <= 30)
    domain, revision = data.draw(st.sampled_from("ef")), data.draw(st.sampled_from(["4.0", "4.0.3"]))
    if domain == "e" and p == k == 3 and not signed:
        assert parse(f"binary{k}p{p}ue").codes == 8
    name = f"binary{k}p{p}{'s' if signed else 'u'}{domain}"
    fmt = parse(name if revision == "4.0.3" else f"{name}(revision={revision})")
    assert isinstance(fmt, Float)
    assert fmt == p3109(k, p, signed, domain == "e", revision)
    assert (fmt.width, fmt.precision, fmt.signed, fmt.bias) == (k, p, signed, 2 ** (k - p - 1) if signed else 2 ** (k - p))
    assert fmt.default == p3109(k, p, signed, domain == "e", revision).default
    assert fmt.name == (name if revision == "4.0.3" else f"{name}(revision={revision})")


def test_interchange_formats_go_by_their_width() -> None:
    """binary{k} for every width that IEEE 754 defines; their fields are another way to write them."""
    for k in (16, 32, 64, 128, 160, 256, 1024):
        fmt = parse(f"binary{k}")
        assert isinstance(fmt, Float) and fmt == ieee(k) and fmt.name == f"binary{k}"
        assert parse(f"e{fmt.exponent_bits}m{fmt.trailing}").name == f"binary{k}"


@pytest.mark.parametrize("named", CATALOGUE, ids=lambda named: named.format.name)
def test_every_name_and_alias_of_the_catalogue_parses(named: Named) -> None:
    """The format itself comes back, in any case, with spaces around, and with the library it was taken from in front."""
    for name in (named.format.name, *named.aliases):
        for written in (name, name.upper(), f"  {name} ", f"torch.{name}", f"ml_dtypes.{name}", f"jnp.{name}"):
            assert parse(written) == named.format
    assert text(named.format) == named.format.name


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("torch.float8_e4m3fn", "ocp_e4m3"),
        ("torch.bfloat16", "bfloat16"),
        ("torch.half", "binary16"),
        ("np.single", "binary32"),
        ("f16", "binary16"),
        ("BF16", "bfloat16"),
        ("float8-e5m2", "ocp_e5m2"),
        ("jax.numpy.float8_e4m3b11fnuz", "e4m3b11fnuz"),
        ("e5m10", "binary16"),
        ("e05m010", "binary16"),
        ("e4m3(specials=ieee)", "ieee_e4m3"),
        ("e4m3(specials=fn)", "ocp_e4m3"),
        ("e4m3(specials=fnuz, bias=8)", "e4m3fnuz"),
        ("e5m2(bias=15)", "ocp_e5m2"),
        ("e15m63(integer_bit=yes)", "x87_extended"),
        ("ue8m0(specials=fn, subnormals=no, zero=no)", "e8m0"),
        ("e4m3(bias=8, specials=p3109e, revision=4.0.3)", "binary8p4se"),
        ("e4m3(bias=8, specials=p3109e, revision=4.0)", "binary8p4se(revision=4.0)"),
        ("binary8p4se(revision=4.0.3)", "binary8p4se"),
        ("q8.0", "int8"),
        ("uq16.0", "uint16"),
        ("q08.08", "q8.8"),
    ],
)
def test_other_spellings_lead_to_the_canonical_name(written: str, name: str) -> None:
    """What people type, and the name that is shown."""
    assert parse(written).name == name


@pytest.mark.parametrize("name", AMBIGUOUS)
def test_ambiguous_names_are_refused_with_what_they_may_mean(name: str) -> None:
    """Every candidate is listed, and every one that is a name parses."""
    with pytest.raises(RefmathError) as caught:
        parse(name)
    message = str(caught.value)
    assert message.startswith(f"'{name}' may mean ") and message.endswith("; say which.")
    candidates = [candidate.split(" ")[0] for candidate in AMBIGUOUS[name]]
    assert all(candidate in message for candidate in candidates)
    assert all(parse(candidate) for candidate in candidates if candidate in names())
    assert sum(candidate in names() for candidate in candidates) >= 1


def test_ieee_or_ocp_in_front_of_a_name_is_part_of_it() -> None:
    """ieee_e2m1 is not OCP's e2m1, and ocp_e3m4 does not exist: neither is taken for the other."""
    for name in ("ieee_e2m1", "ieee_e8m0", "ocp_e3m4", "ocp_e4m3fnuz"):
        with pytest.raises(RefmathError, match="not a known format"):
            parse(name)


BAD = [
    "", " ", "(", "()", "e", "e5", "m2", "e5m", "e-5m2", "e5m2(", "e5m2)", "e5m2(bias)", "e5m2(bias=)", "e5m2(=3)", "e5m2(bias=x)", "e5m2(bias=1.5)",
    "e5m2(bias=9999999999999)", "e5m2(bias=2000000000)", "e5m2(bias=1, bias=2)", "e5m2(colour=red)", "e5m2(specials=maybe)", "e5m2(subnormals=2)",
    "e0m0", "e0m3(subnormals=no)", "e0m3(specials=ieee)", "e5m0(specials=ieee)", "ue1m0(specials=fn)", "e31m2", "e999999999m2", "e9999999999m2",
    "e5m1048576", "e5m999999999", "e5m2(zero=no)", "ue5m2(specials=fnuz)", "e5m2(specials=fnuz, subnormals=no, zero=no)",
    "e5m2(specials=p3109e, subnormals=no, zero=no)", "e5m2(integer_bit=yes, specials=fn)", "e5m2(integer_bit=yes, subnormals=no)",
    "e1m2(integer_bit=yes)", "e5m2(revision=4.0)", "e5m2(specials=p3109e, revision=9)", "ue1m0(specials=p3109e)", "ue0m1(specials=p3109e)",
    "binary2p1se", "binary8p0se", "binary8p8se", "binary8p9ue", "binary40p1se", "binary8p4se(revision=1)", "binary8p4se(bias=3)", "binary8p4xe", "binary8p4s",
    "binary17", "binary96", "binary0", "binary99999999999", "binary1048576", "binary2097152", "int0", "uint0", "int1048577", "int99999999999", "int-3", "q0.0", "q-5.3",
    "q8", "q8.", "q1.5.2", "uq1048577.0", "q1.1048577", "binary16(bias=3)", "float16(bias=3)", "bfloat61", "flaot16", "float8_e4m3fm", "x" * 201, "\x00", "é5m2", "e\N{ARABIC-INDIC DIGIT FIVE}m2", "int8\n(", "None",
]  # fmt: skip


@pytest.mark.parametrize("written", BAD)
def test_what_is_no_format_is_refused_in_one_sentence(written: str) -> None:
    """Unknown, impossible and malformed formats: one line, the offending text, what to do; no other exception, no hang."""
    start = time.process_time()
    with pytest.raises(RefmathError) as caught:
        parse(written)
    message = str(caught.value)
    assert "\n" not in message and len(message) < 500 and re.search(r"[.?]$", message)
    assert written[:3].strip("\x00\n (é") in message or written.endswith(".0")
    assert time.process_time() - start < 1


def test_a_float_is_asked_for_where_only_a_float_will_do() -> None:
    """int8 for a float is refused, with what may have been meant."""
    assert parse_float("bf16") == parse("bfloat16")
    with pytest.raises(RefmathError, match=r"'int8' is no float format; .*ocp_e4m3, ieee_e4m3, e4m3fnuz or binary8p4se"):
        parse_float("int8")


def test_a_near_miss_gets_suggestions() -> None:
    """The nearest names are offered."""
    with pytest.raises(RefmathError, match=r"did you mean .*bfloat16"):
        parse("bfloat61")
    with pytest.raises(RefmathError, match="'refmath formats' lists the names"):
        parse("zzzzzzzz")


heads = st.sampled_from([*names(), *AMBIGUOUS, "e5m2", "ue4m3", "q8.8", "uq-1.9", "int7", "binary16p7ue", "e0m4", "e3m0", "binary416"])
values = st.sampled_from(["yes", "no", "ieee", "fn", "fnuz", "none", "reserved", "p3109e", "p3109f", "4.0", "4.0.3", "7", "-3", "+2", "1e3", "maybe", ""])
options = st.tuples(st.sampled_from(["bias", "specials", "subnormals", "zero", "integer_bit", "revision", "symmetric", "scale", "es", "x"]), values)
almost = st.builds(lambda head, chosen: f"{head}({', '.join(f'{key}={value}' for key, value in chosen)})", heads, st.lists(options, max_size=4))
mutated = st.builds(
    lambda base, at, new: base[: at % (len(base) + 1)] + new + base[at % (len(base) + 1) + 1 :], almost | heads, st.integers(0, 60), st.text(max_size=2)
)
noise = st.text(max_size=40) | st.text("e0123456789mpsuqint()=,.- bras", max_size=30)


@examples(800)
@given(almost | mutated | noise)
@example("e5m2(bias=٣)")
@example("e5m2(specials=p3109e, revision=4.0)")
def test_any_text_is_a_format_or_refused(written: str) -> None:
    """A format, which then prints back and parses to itself, or one sentence; nothing else is raised, nothing takes long."""
    start = time.process_time()
    try:
        fmt = parse(written)
    except RefmathError as error:
        assert "\n" not in str(error) and re.search(r"[.?]$", str(error))
    else:
        assert parse(text(fmt)) == fmt and fmt.name == text(fmt)
    assert time.process_time() - start < 2


def test_formats_are_values() -> None:
    """Equal and of equal hash by what their codes mean, whatever they are called; every parameter counts."""
    e5m2 = parse("ocp_e5m2")
    assert isinstance(e5m2, Float)
    assert replace(e5m2, name="mine") == e5m2 and hash(replace(e5m2, name="mine")) == hash(e5m2)
    for change in ({"bias": 3}, {"specials": Specials.FN}, {"signed": False}, {"subnormals": False}, {"precision": 4}, {"exponent_bits": 6}):
        assert replace(e5m2, **change) != e5m2  # type: ignore[arg-type]
    assert Fixed("a", 8, 0) == Fixed("b", 8, 0) != Fixed("a", 8, 0, False)
    assert p3109(8, 4, True, True, "4.0") != p3109(8, 4, True, True)
