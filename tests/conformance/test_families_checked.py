"""Libraries of other families than IEEE floats: a few claims of each adapter, right ones and wrong ones, each finding confirmed with rationals."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from conformance.budget import Budget
from conformance.checker import check
from conformance.emulators import load
from conformance.emulators.calls import Call, Calls
from conformance.emulators.held import Arrays
from conformance.quantizers import quantizer_claim
from conformance.verdict import Status, Verdict
from formats.affine import Affine
from formats.notation import parse

BUDGET = Budget(samples=512, points=1024, thorough_layouts=False)


def verdict(name: str, title: str, call: str) -> Verdict:
    """The verdict on the claim with this title and these words in its call."""
    pytest.importorskip(name)
    adapter = load(name, "cpu")
    claims = [claim for claim in adapter.claims() if title == f"{claim.operation} {claim.title}" and call in claim.call]
    return check(claims[0], adapter, BUDGET)


@pytest.mark.parametrize("call", ["posit_2(x=5): x + y", "posit_2(x=5): x / y", "posit_2(x=5): z.fma", "posit_2(x=5): quire"])
def test_posits_of_five_bits_agree(call: str) -> None:
    operation = {"+": "add", "/": "divide"}.get(call[-3:-2], "fma")
    assert verdict("softposit", f"{operation} {operation} posit5", call).status is Status.AGREES


def test_posit_2_truncates_next_to_the_ends_of_the_range() -> None:
    """5 x 2^-116 = 1.25 x 2^-114 lies between 2^-114 and 2^-112, far below their threshold; SoftPosit gives 2^-116."""
    softposit = pytest.importorskip("softposit")
    x, five = softposit.posit_2(x=32, bits=2), softposit.posit_2(5, x=32)
    assert Fraction(float(x)) == Fraction(1, 2**116)
    assert Fraction(float(five)) == 5
    assert Fraction(float(x * five)) == Fraction(1, 2**116)


def test_magnitude_truncation_adds_the_sign_bit_as_documented() -> None:
    """-1 has no bits to cut off, and yet becomes -15/16 in four fraction bits: APyTypes says that it adds the sign bit, so that is a policy by name."""
    apytypes: Any = pytest.importorskip("apytypes")
    cast = apytypes.fx(-1.0, int_bits=8, frac_bits=8).cast(int_bits=4, frac_bits=4, quantization=apytypes.QuantizationMode.TRN_MAG)
    assert Fraction(float(cast)) == Fraction(-15, 16)
    found = verdict("apytypes", "convert q8.8 -> q4.4", "quantization=TRN_MAG, overflow=WRAP")
    assert (found.status, found.unexplained, found.deviations) == (Status.POLICY, 0, ())
    assert found.policies[0].startswith("the sign bit is added to what is cut off toward minus infinity, as documented")


def test_the_sign_bit_is_added_to_products_of_floats_too() -> None:
    """1 times -1 is exact, and yet becomes -1 - 2^-3 in E4M3: the same policy by name; what else differs is overflow, and products with a subnormal factor."""
    apytypes: Any = pytest.importorskip("apytypes")
    with apytypes.APyFloatQuantizationContext(apytypes.QuantizationMode.TRN_MAG):
        assert Fraction(float(apytypes.APyFloat.from_float(1.0, 4, 3) * apytypes.APyFloat.from_float(-1.0, 4, 3))) == Fraction(-9, 8)
    found = verdict("apytypes", "multiply multiply ieee_e4m3", "APyFloatQuantizationContext(TRN_MAG)")
    assert found.policies[0].startswith("the sign bit is added to what is cut off, as documented")
    assert found.mismatches > 30_000 and not found.unexplained
    assert "of products with a subnormal factor" in found.deviations[1]
    with apytypes.APyFloatQuantizationContext(apytypes.QuantizationMode.TRN_MAG):
        subnormal, normal = (
            apytypes.APyFloat.from_float(x, 4, 3) * apytypes.APyFloat.from_float(y, 4, 3) for x, y in ((-(2.0**-4), 2.0**-9), (-(2.0**-6), 2.0**-7))
        )
        assert (Fraction(float(subnormal)), float(normal)) == (Fraction(-1, 512), 0)  # both are -2^-13


def test_division_by_zero_that_raises_is_left_out() -> None:
    """What raises by design is not tried; all other quotients are judged."""
    found = verdict("apytypes", "divide divide q4.4, q4.4 -> q9.8", "q4.4")
    assert found.status is Status.AGREES and found.cases == 255 * 256


@pytest.mark.parametrize("mode", ["RND", "RND_CONV_ODD", "JAM_UNBIASED", "TRN_AWAY"])
def test_casts_of_fixed_point_agree(mode: str) -> None:
    assert verdict("apytypes", "convert q8.8 -> q6.-1", f"quantization={mode}, overflow=SAT").status is Status.AGREES


def test_nf4_blocks_are_named_down_to_the_tiny_divisor() -> None:
    """The reciprocal of amax is taken of 1e-38 at least; a short last block is divided by, and its scale is 1e-38 at least."""
    found = verdict("bitsandbytes", "quantize binary32 -> nf4, absmax of 32", "nf4")
    assert found.status is Status.DIFFERS, found.error
    assert "values are divided by 1e-38 where the scale is smaller" in found.deviations
    assert any(name.startswith("a short block alone") for name in found.layout_dependent)


def test_a_short_block_of_zeros_gets_another_scale() -> None:
    """Thirty-two zeros have the scale 0, five zeros 1e-38: so says the library itself."""
    functional = pytest.importorskip("bitsandbytes").functional
    import torch

    scales = [functional.quantize_4bit(torch.zeros(1, n), quant_type="nf4", blocksize=32)[1].absmax for n in (32, 5)]
    assert [Fraction(float(scale)) == 0 for scale in scales] == [True, False]
    assert Fraction(float(scales[1])) == Fraction(float(np.float32(1e-38)))


@pytest.mark.parametrize(("call", "policy"), [
    ("quantize_per_tensor(dtype=qint8)", None),
    ("fake_quantize_per_tensor_affine", "x times the rounded 1/s, rounded, to an integer, plus z"),
])  # fmt: skip
def test_affine_quantizers_of_torch_say_which_steps_they_round(call: str, policy: str | None) -> None:
    title = "quantize binary32 -> int8(scale=1/4, zero=3)" + (" and back" if policy else "")
    found = verdict("torch", title, call)
    assert found.status is Status.POLICY
    assert (policy in found.policies) if policy else all("rounded" not in words for words in found.policies)


def test_fake_quantization_per_channel_overflows_64_bits() -> None:
    """2^61 over a scale of 1/4 is 2^63, which clamps to 127 and not to -128: that is (127 - 3)/4 = 31."""
    import torch

    x, scale, zero = torch.tensor([[2.0**61]]), torch.tensor([0.25]), torch.tensor([3], dtype=torch.int32)
    got = Fraction(float(torch.fake_quantize_per_channel_affine(x, scale, zero, 0, -128, 127)[0, 0]))
    expected = (min(127, Fraction(2**61) / Fraction(1, 4) + 3) - 3) * Fraction(1, 4)
    assert expected == 31
    found = verdict("torch", "quantize binary32 -> int8(scale=1/4, zero=3) and back", "fake_quantize_per_channel_affine")
    if got == expected:
        assert found.status is Status.POLICY
    else:
        assert (found.status, found.unexplained) == (Status.DIFFERS, 0)
        assert any("64-bit" in words for words in found.deviations)


def test_integers_of_brevitas_agree_but_for_the_steps() -> None:
    found = verdict("brevitas", "quantize binary32 -> int4(scale=1/4, zero=1) and back", "IntQuant(float_to_int_impl=FloorSte)")
    assert found.status in (Status.AGREES, Status.POLICY), (found.deviations, found.error)


def test_dynamic_blocks_are_looked_up() -> None:
    """Beside a greatest value of 1, zero becomes 1.2 x 2^-16, the value next to the middle of a step of 2 / 65535; every element is reproduced."""
    found = verdict("bitsandbytes", "quantize binary32 -> dynamic, absmax of 64", "quantize_blockwise")
    assert found.deviations == ("scaled values are looked up in a table of 65,536 equal steps from -1 to 1",) and found.unexplained == 0, found
    torch, functional = pytest.importorskip("torch"), pytest.importorskip("bitsandbytes.functional")
    codes, _ = functional.quantize_blockwise(torch.tensor([1.0] + 63 * [0.0]), blocksize=64)
    values = [Fraction(float(x)) for x in functional.create_dynamic_map()]
    assert values[int(codes[1])] == min(values, key=lambda x: abs(x - Fraction(1, 65535))) != 0 in values


def test_nans_that_come_back_as_nans_are_a_policy() -> None:
    """A quantizer that gives back values has a place for NaN where its integers have none: planted in NumPy with s = 1/4, z = 3."""

    def function(x: Any) -> Any:
        return np.where(np.isnan(x), x, (np.clip(np.rint(np.clip(x, -1e6, 1e6) * np.float32(4)) + 3, -128, 127) - 3) / 4).astype(np.float32)

    affine = parse("int8(scale=1/4, zero=3)")
    assert isinstance(affine, Affine)
    claim = quantizer_claim("planted", parse("binary32"), affine, "planted.quantize", values=True)
    found = check(claim, Calls("planted", "", [Call(claim, function, Arrays("numpy", "float32"))]), BUDGET)
    assert (found.status, found.policies[-1], found.unexplained) == (Status.POLICY, "NaN comes back as NaN", 0), found


def test_every_claim_of_brevitas_runs() -> None:
    """Two rows of plain numbers through each of its modules."""
    pytest.importorskip("brevitas")
    adapter: Any = load("brevitas", "cpu")
    codes = np.linspace(-3, 3, 64, dtype=np.float32).view(np.uint32).reshape(2, 32)
    for claim in adapter.claims():
        if hasattr(claim, "block"):
            assert adapter.quantize(claim, [codes])[0].elements.shape == codes.shape
        else:
            adapter.run(claim, [(codes,)])


@pytest.mark.parametrize("rounding", ["around", "floor", "nearest_zero"])
def test_fixed_point_of_fxpmath_agrees_on_every_binary16_number(rounding: str) -> None:
    assert verdict("fxpmath", "convert binary16 -> q8.8", f"Fxp(x, rounding='{rounding}', overflow='wrap')").status is Status.AGREES


def test_zeros_of_a_tiny_tensor_become_numbers_in_nvfp4() -> None:
    """amax = 2^-130 has the tensor scale 2^-130/2688, whose reciprocal is beyond binary32: every zero of the tensor comes out as code 11, -1.5."""
    pytest.importorskip("torchao")
    import torch
    from torchao.prototype.mx_formats.kernels import unpack_uint4
    from torchao.prototype.mx_formats.nvfp4_tensor import nvfp4_quantize, per_tensor_amax_to_scale

    x = torch.zeros(1, 16)
    x[0, 0] = 2.0**-130
    scale = per_tensor_amax_to_scale(x.abs().amax())
    assert 1 / Fraction(float(scale)) > 2**128
    assert set(unpack_uint4(nvfp4_quantize(x, 16, scale)[1])[0, 1:].tolist()) == {11}
    found = verdict("torchao", "quantize binary32 -> nvfp4_torchao", "nvfp4_quantize(per_tensor_scale)")
    assert (found.status, found.unexplained, len(found.deviations)) == (Status.DIFFERS, 0, 1)
    assert found.deviations[0].startswith("zeros become -1.5")


def test_fp4_blocks_are_named_down_to_the_two_codes_of_zero() -> None:
    """A thousandth of amax becomes zero: the positive one gets the code of -0, the negative one that of 0."""
    torch, bitsandbytes = pytest.importorskip("torch"), pytest.importorskip("bitsandbytes")
    values = torch.zeros(32)
    values[:4] = torch.tensor([1.0, 1e-3, -1e-3, -0.0])
    packed = bitsandbytes.functional.quantize_4bit(values, quant_type="fp4", blocksize=32)[0].reshape(-1).tolist()
    assert [packed[0] >> 4, packed[0] & 15, packed[1] >> 4, packed[1] & 15] == [3, 8, 0, 0]
    found = verdict("bitsandbytes", "quantize binary32 -> fp4, absmax of 32", "fp4")
    assert found.unexplained == 0
    assert sorted(text[:30] for text in found.deviations) == [
        "positive values that become ze",
        "the thresholds between element",
        "values are divided by 1e-38 wh",
    ]


def test_integers_in_mx_blocks_of_brevitas_are_explained_in_full() -> None:
    """1 is an MXINT8 value, and becomes 127/128: elements are counted in 128ths. -2^-149 beside 2^127 is divided to -0, to which 0 is added."""
    torch, brevitas = pytest.importorskip("torch"), pytest.importorskip("brevitas")
    assert brevitas
    from conformance.emulators.brevitas import MXInt8Act, _module

    got = _module(MXInt8Act, group_dim=1)(torch.tensor([[1.0] * 32, [2.0**127, -(2.0**-149)] + [0.0] * 30]))
    assert Fraction(got[0, 0].item()) == Fraction(127, 128)
    assert got[1, 1].item() == 0 and not torch.signbit(got[1, 1])
    found = verdict("brevitas", "quantize binary32 -> mxint8", "MXInt8Act")
    assert found.unexplained == 0
    assert [words.partition(":")[0] for words in found.deviations] == [
        "log2 in binary32",
        "scales are half of what they should be",
        "the power of two of amax is not below 1e-10, which is none",
        "negative values whose quotient by the scale underflows in binary32 become +0",
    ]


def test_small_mx_blocks_of_brevitas_have_a_scale_that_is_no_power_of_two() -> None:
    """The power of two of amax is kept at 1e-10 in binary32, so that 2^-40 in MXFP4 becomes 0; every block but for the rounded log2 is explained so."""
    torch, brevitas = pytest.importorskip("torch"), pytest.importorskip("brevitas")
    assert brevitas
    found = verdict("brevitas", "quantize binary32 -> mxfp4", "exponent_bit_width=2, mantissa_bit_width=1")
    assert (found.status, found.unexplained) == (Status.DIFFERS, 0)
    assert [text[:40] for text in found.deviations] == ["log2 in binary32: wrong just below a pow", "the power of two of amax is not below 1e"]
    from conformance.emulators.brevitas import MXFloat8e4m3Act, _module

    quantizer = _module(MXFloat8e4m3Act.let(bit_width=4, exponent_bit_width=2, mantissa_bit_width=1), group_dim=1)
    block = torch.zeros(1, 32)
    block[0, 0] = 2.0**-40
    least = Fraction(float(torch.tensor(1e-10)))
    assert Fraction(float(quantizer(block)[0, 0])) == 0 and Fraction(1, 2**40) < least / 4 / 4, "a quarter of the least element"
