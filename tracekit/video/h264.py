"""H.264 as far as `encode` goes: parameter sets, slice headers, and pictures of skipped and raw macroblocks.

Names and clause numbers are those of ITU-T H.264 (08/2021). A NAL unit is given without start code, escaped
(emulation_prevention_three_byte, 7.4.1), as it stands in a file.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

from tracekit.core.errors import TracekitError
from tracekit.video.bits import BitReader, BitWriter

P_SLICE, IDR_SLICE, SPS, PPS = 1, 5, 7, 8
"""nal_unit_type (table 7-1). A coded slice of type 1 is always a P slice here."""

_P_HEADER = 0x41  # nal_ref_idc 2, type 1: the picture is a reference, as picture order count type 2 wants of all
_PPS_HEADER = b"\x68"
_RAW_PPS_ID = 1
_CODED_P_START = _P_HEADER << 7 | 0b1001101  # first_mb_in_slice 0, slice_type 5 (all are P), pic_parameter_set_id 0
_FRAME_NUM_AT = 8 + 7  # bits of a coded P slice before frame_num: the above

# There are two references, both long-term: 0 is the encoder's last picture, 1 the last that was made by hand. Each of
# these is a number of bits and their value: what to refer to (7.3.3.1), and which of the two to become (7.3.3.3).
_REFER_TO_CODED = 10, 0b1_011_1_00100  # modification_of_pic_nums_idc 2, long_term_pic_num 0; end
_REFER_TO_RAW = 12, 0b1_011_010_00100  # likewise, 1
_BECOME_CODED = 8, 0b1_00111_1_1  # memory_management_control_operation 6, long_term_frame_idx 0; end
_BECOME_RAW = 10, 0b1_00111_010_1  # likewise, 1
_BECOME_FIRST_RAW = 18, 0b1_00101_011_00111_010_1  # operation 4 before it: indices up to 1 are in use
_SIMPLE_PROFILES = (66, 77, 88)  # of those x264 makes, the ones without chroma_format_idc (7.3.2.1.1)

_TO_ESCAPE = re.compile(rb"\0\0(?=[\0-\3])")


def unescape(nal: bytes) -> bytes:
    """Without the emulation prevention bytes."""
    return nal.replace(b"\0\0\3", b"\0\0")


def escape(nal: bytes) -> bytes:
    """With emulation prevention bytes, so that no start code occurs inside."""
    return _TO_ESCAPE.sub(b"\0\0\3", nal)


def split_nals(stream: bytes) -> list[bytes]:
    """The NAL units of a byte stream (annex B), in order."""
    units = (unit.rstrip(b"\0") for unit in stream.split(b"\0\0\1")[1:])
    return [unit for unit in units if unit]


def nal_type(nal: bytes) -> int:
    """nal_unit_type."""
    return nal[0] & 31


class ParameterSets(NamedTuple):
    """The parameter sets of a stream into which raw pictures can be put, and what was read from them."""

    sps: bytes
    pps: bytes
    """Of the coded pictures: id 0."""
    chroma_format_idc: int
    """1 for 4:2:0, 3 for 4:4:4."""
    frame_num_bits: int
    macroblocks: int
    """PicSizeInMbs."""
    cabac: bool

    @property
    def raw_pps(self) -> bytes:
        """Of raw pictures: id 1, CAVLC whatever the coded pictures use, deblocking under the slice's control."""
        bits = BitWriter().ue(_RAW_PPS_ID).ue(0)  # pic_parameter_set_id, seq_parameter_set_id
        bits.u(1, 0).u(1, 0).ue(0)  # entropy_coding_mode_flag, bottom_field_pic_order..., num_slice_groups_minus1
        bits.ue(0).ue(0).u(1, 0).u(2, 0)  # one reference in each list, no weighted prediction
        bits.se(0).se(0).se(0)  # pic_init_qp, pic_init_qs, chroma_qp_index_offset
        bits.u(1, 1).u(1, 0).u(1, 0)  # deblocking under the slice's control, nothing else
        return _PPS_HEADER + escape(bits.trailing())

    def raw_picture(self, frame_num: int, after_coded: bool, blocks: Iterable[tuple[int, bytes]] = ()) -> bytes:
        """A P picture that is the one before it except for some macroblocks, whose samples it holds as they are.

        All others are skipped, which copies them (8.4.1.1): no vector differs from zero here, so none is predicted.

        Args:
            frame_num: its number.
            after_coded: the picture before it is one that the encoder coded.
            blocks: address and samples (Y, U, V) of macroblocks, by ascending address; they are coded as I_PCM.
        """
        bits = BitWriter().u(8, _P_HEADER).ue(0).ue(5).ue(_RAW_PPS_ID).u(self.frame_num_bits, frame_num)
        bits.u(1, 0)  # num_ref_idx_active_override_flag
        if after_coded:
            bits.u(*_REFER_TO_CODED).u(*_BECOME_FIRST_RAW)
        else:
            bits.u(*_REFER_TO_RAW).u(*_BECOME_RAW)
        bits.se(0).ue(1)  # slice_qp_delta, disable_deblocking_filter_idc
        following = 0
        for address, samples in blocks:
            bits.ue(address - following).ue(5 + 25)  # mb_skip_run, mb_type (tables 7-11 and 7-13)
            bits.u(-bits.length % 8, 0).u(8 * len(samples), int.from_bytes(samples, "big"))
            following = address + 1
        if following < self.macroblocks:
            bits.ue(self.macroblocks - following)
        return escape(bits.trailing())


def read_parameter_sets(stream: bytes) -> ParameterSets:
    """Read the parameter sets that an encoder announces, and make sure that raw pictures may lie between its own.

    For that, pictures must come out in the order of decoding without saying so (picture order count type 2), be whole
    frames, use no weights, and leave a decoder room for two references.

    Raises:
        TracekitError: the stream is of another kind.
    """
    nals = split_nals(stream)
    sets = [nal for nal in nals if nal_type(nal) == SPS], [nal for nal in nals if nal_type(nal) == PPS]
    try:
        (sps,), (pps,) = sets
        chroma_format_idc, frame_num_bits, macroblocks = _read_sps(sps)
        cabac = _read_pps(pps)
    except ValueError as error:
        raise TracekitError(f"the encoder's stream can't take raw pictures: {error}") from error
    return ParameterSets(sps, pps, chroma_format_idc, frame_num_bits, macroblocks, cabac)


def _read_sps(sps: bytes) -> tuple[int, int, int]:
    """chroma_format_idc, bits of frame_num and PicSizeInMbs (7.3.2.1.1)."""
    bits = BitReader(unescape(sps[1:]))
    profile, _constraints, _level = bits.u(8), bits.u(8), bits.u(8)
    _expect("seq_parameter_set_id", bits.ue(), 0)
    chroma_format_idc = 1
    if profile not in _SIMPLE_PROFILES:
        chroma_format_idc = bits.ue()
        if chroma_format_idc == 3:
            _expect("separate_colour_plane_flag", bits.u(1), 0)
        _expect("bit_depth_luma_minus8", bits.ue(), 0)
        _expect("bit_depth_chroma_minus8", bits.ue(), 0)
        bits.u(1)  # qpprime_y_zero_transform_bypass_flag
        _expect("seq_scaling_matrix_present_flag", bits.u(1), 0)
    frame_num_bits = bits.ue() + 4
    _expect("pic_order_cnt_type", bits.ue(), 2)
    _expect("max_num_ref_frames", bits.ue(), 2)
    _expect("gaps_in_frame_num_value_allowed_flag", bits.u(1), 0)
    width_mbs, height_mbs = bits.ue() + 1, bits.ue() + 1
    _expect("frame_mbs_only_flag", bits.u(1), 1)
    if frame_num_bits > 6:
        raise ValueError(f"frame_num has {frame_num_bits} bits")  # coded_p_picture looks for it in three bytes
    return chroma_format_idc, frame_num_bits, width_mbs * height_mbs


def _read_pps(pps: bytes) -> bool:
    """entropy_coding_mode_flag (7.3.2.2)."""
    bits = BitReader(unescape(pps[1:]))
    _expect("pic_parameter_set_id", bits.ue(), 0)
    _expect("seq_parameter_set_id", bits.ue(), 0)
    cabac = bits.u(1)
    bits.u(1)  # bottom_field_pic_order_in_frame_present_flag
    _expect("num_slice_groups_minus1", bits.ue(), 0)
    bits.ue()  # num_ref_idx_l0_default_active_minus1: a slice says for itself
    bits.ue()
    _expect("weighted_pred_flag", bits.u(1), 0)
    return bool(cabac)


def _expect(field: str, value: int, wanted: int) -> None:
    if value != wanted:
        raise ValueError(f"{field} is {value}, not {wanted}")


def coded_p_picture(nal: bytes, frame_num: int, sets: ParameterSets) -> bytes:
    """A coded P slice, numbered anew, that refers to the last coded picture and takes its place.

    The fields that this adds are of 16 bits together, so that the slice's data stay where they are in their bytes.

    Raises:
        TracekitError: the slice is not the whole of a P picture, or says something of references itself.
    """
    start = int.from_bytes(nal[:3], "big")
    after = 24 - _FRAME_NUM_AT - sets.frame_num_bits - 3  # bits of the third byte that follow the header's start
    if start >> 24 - _FRAME_NUM_AT != _CODED_P_START or start >> after & 0b111:
        raise TracekitError("the encoder made a picture that is not one P slice with one reference")
    bits = BitWriter().u(_FRAME_NUM_AT, _CODED_P_START).u(sets.frame_num_bits, frame_num)
    bits.u(1, 0).u(*_REFER_TO_CODED).u(*_BECOME_CODED).u(after, start & ((1 << after) - 1))
    head = bits.value.to_bytes(bits.length // 8, "big")  # it has no zero byte, and ends in none
    return head + nal[3:] if nal[2] else head + escape(unescape(nal)[3:])


def coded_idr_picture(nal: bytes, sets: ParameterSets) -> bytes:
    """A coded IDR slice with idr_pic_id 0, that becomes long-term reference 0.

    Encoders alternate idr_pic_id. Only IDR pictures that follow one another need to differ in it (7.4.3), and between
    two of ours P pictures lie.
    """
    plain = unescape(nal)
    bits = BitReader(plain[:32])
    bits.u(8)
    bits.ue()  # first_mb_in_slice
    bits.ue()  # slice_type
    bits.ue()  # pic_parameter_set_id
    bits.u(sets.frame_num_bits)
    start = bits.position
    bits.ue()  # idr_pic_id
    bits.u(2)  # no_output_of_prior_pics_flag, long_term_reference_flag
    end = bits.position
    if sets.cabac:
        # The slice's data start at a byte: only the header moves, and is aligned with ones (7.3.4).
        bits.se()  # slice_qp_delta
        if bits.ue() != 1:  # disable_deblocking_filter_idc
            bits.se()
            bits.se()
        data_at = -(-bits.position // 8)
        header = int.from_bytes(plain[:data_at], "big") >> (data_at * 8 - bits.position)
        moved = _as_long_term_idr(header, bits.position, start, end)
        moved.u(-moved.length % 8, (1 << -moved.length % 8) - 1)
        return escape(moved.value.to_bytes(moved.length // 8, "big") + plain[data_at:])
    value, length = int.from_bytes(plain, "big"), len(plain) * 8
    stuffing = (value & -value).bit_length()  # the stop bit and the zeros after it
    return escape(_as_long_term_idr(value >> stuffing, length - stuffing, start, end).trailing())


def _as_long_term_idr(value: int, length: int, start: int, end: int) -> BitWriter:
    """The bit string ``value`` with idr_pic_id 0 and the two flags after it, from ``start`` to ``end``, set anew."""
    after = length - end
    return BitWriter().u(start, value >> (length - start)).ue(0).u(2, 0b01).u(after, value & ((1 << after) - 1))


def without_frame_count(nal: bytes, sets: ParameterSets) -> bytes:
    """A coded slice without the trace that x264's count of frames leaves in it.

    Flushing its CABAC coder, x264 fills the last bit from a table that its frame counter indexes; it is after the end
    of the slice's data, and we set it always. CAVLC slices have none.
    """
    return nal[:-1] + bytes([nal[-1] | 1]) if sets.cabac else nal
