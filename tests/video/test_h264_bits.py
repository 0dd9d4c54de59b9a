"""What is changed in a coded slice is the field that was to be changed, and nothing else."""

import pytest
from av.video.codeccontext import VideoCodecContext
from hypothesis import given
from hypothesis import strategies as st

from tracekit.core.errors import TracekitError
from tracekit.video.bits import BitReader, BitWriter
from tracekit.video.encode import ClipEncoder
from tracekit.video.h264 import (
    ParameterSets,
    coded_idr_picture,
    coded_p_picture,
    escape,
    read_parameter_sets,
    split_nals,
    unescape,
)
from tracekit.video.x264 import open_x264

zero_rich = st.lists(st.sampled_from([0, 0, 0, 1, 2, 3, 4, 128, 255]), max_size=60).map(bytes)
payloads = zero_rich | st.binary(max_size=60)
CAVLC = ParameterSets(b"", b"", 1, 4, 1500, False)
CABAC = CAVLC._replace(cabac=True)


@given(st.lists(st.tuples(st.sampled_from(["ue", "se", "u"]), st.integers(-(2**31), 2**31))))
def test_fields_are_read_as_they_were_written(fields: list[tuple[str, int]]) -> None:
    writer = BitWriter()
    for kind, value in fields:
        if kind == "se":
            writer.se(value)
        elif kind == "ue":
            writer.ue(abs(value))
        else:
            writer.u(32, abs(value))
    reader = BitReader(writer.trailing())
    for kind, value in fields:
        if kind == "se":
            assert reader.se() == value
        else:
            assert (reader.ue() if kind == "ue" else reader.u(32)) == abs(value)


@pytest.mark.parametrize(("value", "code"), [(0, "1"), (1, "010"), (2, "011"), (3, "00100"), (7, "0001000")])
def test_exp_golomb_codes_are_those_of_table_9_2(value: int, code: str) -> None:
    bits = BitWriter().ue(value)
    assert f"{bits.value:0{bits.length}b}" == code


@given(payloads)
def test_an_escaped_nal_holds_no_start_code_and_comes_back(payload: bytes) -> None:
    nal = payload + b"\x80"
    assert not any(code in escape(nal) for code in (b"\0\0\0", b"\0\0\1", b"\0\0\2"))
    assert unescape(escape(nal)) == nal


@given(st.lists(payloads.map(lambda payload: escape(b"\x41" + payload + b"\x80"))), st.booleans())
def test_a_byte_stream_is_split_where_its_nals_were_joined(nals: list[bytes], long_codes: bool) -> None:
    start = b"\0\0\0\1" if long_codes else b"\0\0\1"
    assert split_nals(b"".join(start + nal for nal in nals)) == nals


def p_slice(frame_num: int, references: str, payload: bytes, bits: int) -> bytes:
    """A coded P slice, of whose header ``references`` are the bits on the choice and the marking of references."""
    header = BitWriter().u(8, 0x41).ue(0).ue(5).ue(0).u(bits, frame_num)
    header.u(len(references.replace("_", "")), int(references, 2))
    return escape(header.u(len(payload) * 8, int.from_bytes(payload, "big")).trailing())


# modification_of_pic_nums_idc 2, its number, end; memory_management_control_operation 6, long_term_frame_idx, end
REFER_TO_CODED, REFER_TO_RAW = "1_011_1_00100", "1_011_010_00100"
BECOME_CODED, BECOME_RAW = "1_00111_1_1", "1_00111_010_1"
BECOME_FIRST_RAW = "1_00101_011_00111_010_1"  # operation 4, max_long_term_frame_idx_plus1 2, before it


@given(st.integers(4, 6), st.integers(0), st.integers(0), payloads.filter(bool))
def test_a_coded_p_picture_gets_its_number_and_its_references_and_nothing_else(
    bits: int, old: int, new: int, payload: bytes
) -> None:
    old, new = old % (1 << bits), new % (1 << bits)
    ours = p_slice(new, "0" + REFER_TO_CODED + BECOME_CODED, payload, bits)
    theirs = p_slice(old, "000", payload, bits)
    assert coded_p_picture(theirs, new, CAVLC._replace(frame_num_bits=bits)) == ours


@pytest.mark.parametrize(
    "nal",
    [b"\x41\x4d\x88\x80", b"\x41\x88\x80\x80", *(p_slice(1, bits, b"abc", 4) for bits in ("100", "010", "001"))],
    ids=["a later slice", "an I slice", "two references", "a list of references", "a marking of references"],
)
def test_a_slice_of_another_kind_is_refused(nal: bytes) -> None:
    with pytest.raises(TracekitError):
        coded_p_picture(nal, 1, CAVLC)


def idr_slice(idr_pic_id: int, flags: int, qp_delta: int, deblock: bool, cabac: bool, payload: bytes) -> bytes:
    bits = BitWriter().u(8, 0x65).ue(0).ue(7).ue(0).u(4, 0).ue(idr_pic_id).u(2, flags)
    bits.se(qp_delta).ue(0 if deblock else 1)
    if deblock:
        bits.se(-1).se(1)
    if cabac:
        ones = -bits.length % 8
        bits.u(ones, (1 << ones) - 1)
    return escape(bits.u(len(payload) * 8, int.from_bytes(payload, "big")).trailing())


@given(st.integers(0, 70000), st.integers(-26, 25), st.booleans(), st.booleans(), payloads)
def test_a_coded_idr_picture_gets_id_zero_becomes_long_term_and_nothing_else(
    idr_pic_id: int, qp_delta: int, deblock: bool, cabac: bool, payload: bytes
) -> None:
    theirs = idr_slice(idr_pic_id, 0b00, qp_delta, deblock, cabac, payload)
    ours = idr_slice(0, 0b01, qp_delta, deblock, cabac, payload)
    assert coded_idr_picture(theirs, CABAC if cabac else CAVLC) == ours


def announced(options: dict[str, str], preset: str = "ultrafast") -> bytes:
    context = VideoCodecContext.create("libx264", "w")
    open_x264(context, 64, 64, "yuv420p", preset, options)
    return context.extradata or b""


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ("bframes=2", "pic_order_cnt_type"),
        ("ref=3:bframes=0:weightp=0", "max_num_ref_frames"),
        ("ref=1:bframes=0:weightp=0", "max_num_ref_frames"),
        ("bframes=0:ref=1:dpb-size=2:weightp=2", "weighted_pred_flag"),
        ("bframes=0:ref=1:interlaced=1", "pic_order_cnt_type|frame_mbs_only_flag"),
    ],
)
def test_a_stream_that_can_not_take_raw_pictures_is_refused_by_the_field_that_says_so(params: str, field: str) -> None:
    with pytest.raises(TracekitError, match=field):
        read_parameter_sets(announced({"x264-params": params}, "medium"))


@given(payloads, st.integers(0, 60), st.booleans())
def test_damaged_parameter_sets_are_refused_and_not_misread(noise: bytes, at: int, cut: bool) -> None:
    whole = b"\0\0\1" + ENCODER._sets.sps + b"\0\0\1" + ENCODER._sets.pps
    damaged = whole[:at] + (b"" if cut else noise + whole[at + len(noise) :])
    try:
        sets = read_parameter_sets(damaged)
    except TracekitError:
        return
    assert 4 <= sets.frame_num_bits <= 6
    assert sets.macroblocks > 0


ENCODER = ClipEncoder(64, 64)


def test_a_repeat_of_800x480_pixels_is_these_bytes() -> None:
    start, end = "01000001_1_00110_010_0001_0", "1_010_000000000010111011101_1"
    after_raw = start + REFER_TO_RAW + BECOME_RAW + end
    after_coded = start + REFER_TO_CODED + BECOME_FIRST_RAW + end
    for made, fields in (CAVLC.raw_picture(1, False), after_raw), (CAVLC.raw_picture(1, True), after_coded):
        bits = fields.replace("_", "")
        assert made == int(bits + "0" * (-len(bits) % 8), 2).to_bytes(-(-len(bits) // 8), "big")


@given(st.sets(st.integers(0, 1499), max_size=5), st.integers(0, 15), st.booleans())
def test_a_raw_picture_says_which_macroblocks_and_then_all_of_their_samples(
    addresses: set[int], frame_num: int, after_coded: bool
) -> None:
    blocks = [(address, bytes([address % 256, 0, 0, 1]) * 96) for address in sorted(addresses)]
    bits = BitReader(unescape(CAVLC.raw_picture(frame_num, after_coded, blocks)))
    assert [bits.u(8), bits.ue(), bits.ue(), bits.ue(), bits.u(4), bits.u(1)] == [0x41, 0, 5, 1, frame_num, 0]
    references = REFER_TO_CODED + BECOME_FIRST_RAW if after_coded else REFER_TO_RAW + BECOME_RAW
    assert f"{bits.u(len(references.replace('_', ''))):b}" == references.replace("_", "")
    assert [bits.se(), bits.ue()] == [0, 1]
    at, found = 0, []
    while at < 1500:
        at += bits.ue()
        if at < 1500:
            assert bits.ue() == 30
            assert bits.u(-bits.position % 8) == 0
            found.append((at, bytes(bits.u(8) for _ in range(384))))
            at += 1
    assert at == 1500
    assert found == blocks
    assert bits.u(1) == 1
    assert bits.length - bits.position < 8
