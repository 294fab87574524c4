//! Known answers and statistical smoke of the addressed draws.

use super::*;
use rand::Rng;

/// `philox4x64 10` of Random123's `tests/kat_vectors`: (counter, key, result).
const RANDOM123: [([u64; 4], [u64; 2], [u64; 4]); 3] = [
    (
        [0; 4],
        [0; 2],
        [0x1655_4D9E_CA36_314C, 0xDB20_FE9D_672D_0FDC, 0xD7E7_72CE_E186_176B, 0x7E68_B68A_EC7B_A23B],
    ),
    (
        [u64::MAX; 4],
        [u64::MAX; 2],
        [0x87B0_92C3_013F_E90B, 0x438C_3C67_BE8D_0224, 0x9CC7_D7C6_9CD7_77B6, 0xA09C_AEBF_594F_0BA0],
    ),
    (
        [0x243F_6A88_85A3_08D3, 0x1319_8A2E_0370_7344, 0xA409_3822_299F_31D0, 0x082E_FA98_EC4E_6C89],
        [0x4528_21E6_38D0_1377, 0xBE54_66CF_34E9_0C6C],
        [0xA528_F454_03E6_1D95, 0x38C7_2DBD_566E_9788, 0xA5A1_610E_72FD_18B5, 0x57BD_43B5_E52B_7FE6],
    ),
];

/// What NumPy streams for one address: blocks 1, 2 and 3.
struct NumpyStream {
    key: [u64; 2],
    draw: u64,
    entity: u64,
    purpose: u64,
    words: [u64; 12],
}

/// Made by NumPy 2.4; these lines print them again:
///
/// ```text
/// import numpy as np
/// addresses = [
///     ((0, 0), (0, 0, 0)),
///     ((1, 0), (0, 0, 0)),
///     ((0, 1), (0, 0, 0)),
///     ((0, 0), (1, 0, 0)),
///     ((0, 0), (0, 1, 0)),
///     ((0, 0), (0, 0, 1)),
///     ((20191128, 7), (1234567, 0x0123456789ABCDEF, 5)),
///     ((2**63, 3), (2**40 + 1, 0xFEDCBA9876543210, 1)),
///     ((42, 999), (1752000, 0x9E3779B97F4A7C15, 255)),
///     ((2**64 - 1,) * 2, (2**64 - 1,) * 3),
/// ]
/// for key, (draw, entity, purpose) in addresses:
///     stream = np.random.Philox(
///         key=np.array(key, np.uint64),
///         counter=np.array([0, draw, entity, purpose], np.uint64),
///     )
///     print(key, draw, entity, purpose, [f"0x{word:016X}" for word in stream.random_raw(12)])
/// ```
fn numpy_streams() -> [NumpyStream; 10] {
    [
        NumpyStream {
            key: [0, 0],
            draw: 0,
            entity: 0,
            purpose: 0,
            words: [
                0x02F4_BA64_08E4_D89B,
                0x3DD6_2B0B_9CA8_C5B2,
                0x1C86_67A5_5D90_2E79,
                0x907D_7A05_2FD5_B4DC,
                0x809B_F322_8839_87C3,
                0x4711_28B9_E807_F7DD,
                0xF250_BA0D_BEC0_65B7,
                0xFC6E_D667_67A4_57BC,
                0x40FA_86F0_F781_945D,
                0x31EE_D5A3_6668_9E12,
                0xB632_9ED9_F2A1_CEBA,
                0x219A_8FA4_C238_28E2,
            ],
        },
        NumpyStream {
            key: [1, 0],
            draw: 0,
            entity: 0,
            purpose: 0,
            words: [
                0x4DB6_A27B_7562_82DF,
                0xD944_FA03_BABE_0E2F,
                0x27F8_72E5_7706_0D32,
                0x07F6_9769_6A04_82A2,
                0xE677_FE4B_BD04_52EC,
                0x0D54_3DBA_56D1_E799,
                0xBEBE_12CA_D0EB_4D9E,
                0x3F0B_4ABD_55F6_1F3D,
                0x6883_D8D6_D20A_1807,
                0x2B40_B90C_9049_18DB,
                0x4305_23E5_87C5_7F03,
                0xD1DB_D785_91D9_A967,
            ],
        },
        NumpyStream {
            key: [0, 1],
            draw: 0,
            entity: 0,
            purpose: 0,
            words: [
                0xD037_F8C3_F9A1_D176,
                0xC057_419B_4C21_0765,
                0xABF1_3115_117B_0065,
                0x7BAE_035D_EA6E_A5C0,
                0xB487_AC82_E7DD_D46F,
                0x45E8_1EDB_A7C5_9426,
                0xD0A3_831E_BE9A_338C,
                0x9019_4C97_F11D_0DC3,
                0x90CA_E1E1_AECC_68A9,
                0xF022_5240_A9B3_019F,
                0xC620_3F8A_59FF_5848,
                0xA365_EE76_E838_32D0,
            ],
        },
        NumpyStream {
            key: [0, 0],
            draw: 1,
            entity: 0,
            purpose: 0,
            words: [
                0x363C_6D54_F81B_A26E,
                0x372E_02C9_3DE0_B01E,
                0xC182_A0E8_8E99_B6D5,
                0x8893_B0F0_FB66_73DC,
                0xC8E4_DAF3_3EAA_9AEE,
                0x737A_ADB0_ED91_9412,
                0x4FF4_E1C1_BFAD_2A1B,
                0x9031_9B62_1B6D_A97F,
                0x93D2_4059_2D02_1FDF,
                0x3C0D_B236_2E9F_9248,
                0x758B_DE62_E22C_F64E,
                0xC05A_6219_F5F1_6934,
            ],
        },
        NumpyStream {
            key: [0, 0],
            draw: 0,
            entity: 1,
            purpose: 0,
            words: [
                0xA4C5_607F_B120_6F77,
                0x1043_5EC5_8BDF_F201,
                0x1ECD_8388_6EC6_CA79,
                0x56AA_C4CB_FBAF_DFAC,
                0xAEFE_6024_5F4B_A06F,
                0x6DA0_946F_50E8_7E24,
                0xD6BC_B8E3_9A2B_2708,
                0xB25D_4382_DCA3_D6F7,
                0x4217_F0D6_9E32_75F8,
                0x1836_89A3_A1EA_82B5,
                0x690D_38C4_7BEA_168A,
                0x4ED7_67E2_C9B4_2D9B,
            ],
        },
        NumpyStream {
            key: [0, 0],
            draw: 0,
            entity: 0,
            purpose: 1,
            words: [
                0x5799_4A7D_B8F8_16C6,
                0x9396_7384_228B_3028,
                0x162E_D305_C3FE_6350,
                0xA2B2_35F1_C8DA_1BE9,
                0x112B_8292_D15C_CEC8,
                0x3CA7_FF3C_6169_15FB,
                0x2443_F797_225E_80DD,
                0x0771_84B7_4438_A202,
                0x05ED_1121_11D9_F82B,
                0x45EC_534F_14A2_CC07,
                0x377D_1E35_74C6_6203,
                0x8BC8_3658_671C_CBDC,
            ],
        },
        NumpyStream {
            key: [0x0000_0000_0134_1798, 7],
            draw: 0x0000_0000_0012_D687,
            entity: 0x0123_4567_89AB_CDEF,
            purpose: 5,
            words: [
                0x2DC8_51AA_D18B_A4B3,
                0x7594_C9C3_CEEF_5C2E,
                0xA45F_FF2E_F219_411F,
                0x3D08_C193_D1EC_DD5F,
                0xF4ED_AB22_AAD0_8B63,
                0x67C9_8E63_ACA8_3AB3,
                0x5D36_FBDB_010B_2C49,
                0xADCB_DF3A_A062_5927,
                0xF69F_0E0D_3D1A_254B,
                0x5031_A252_78B4_B704,
                0x297B_0F5E_F67C_F926,
                0xBA48_A0DB_EE5B_32EF,
            ],
        },
        NumpyStream {
            key: [0x8000_0000_0000_0000, 3],
            draw: 0x0000_0100_0000_0001,
            entity: 0xFEDC_BA98_7654_3210,
            purpose: 1,
            words: [
                0x4A0F_4D3A_6CB5_BD11,
                0x31B5_E1E9_1670_F969,
                0x59D8_3A53_452F_073D,
                0xF8A3_F962_ECF9_3379,
                0x37AB_3850_47E1_2077,
                0xAD3B_08CA_7F27_EF30,
                0x73B1_B5EF_AC85_E087,
                0x6729_2115_C7E3_3223,
                0x7728_1168_14CF_29E7,
                0x364B_6DFD_5F79_D17A,
                0xEC39_9787_6F57_0518,
                0x5A21_65F1_BFBF_E8D4,
            ],
        },
        NumpyStream {
            key: [0x0000_0000_0000_002A, 0x0000_0000_0000_03E7],
            draw: 0x0000_0000_001A_BBC0,
            entity: 0x9E37_79B9_7F4A_7C15,
            purpose: 0x0000_0000_0000_00FF,
            words: [
                0x721E_4D9B_B7BB_9350,
                0x0DB4_6AB7_C839_1D61,
                0x50ED_7AF7_D8AE_993F,
                0xF8FA_E78A_E9CE_58D6,
                0xC22E_D4BC_B025_C7B3,
                0x7091_1AFF_231E_1744,
                0x89DE_5436_4260_E663,
                0x9148_B39F_3732_E4EB,
                0xE661_484E_84B5_B17B,
                0x05C8_DC37_CDEE_8854,
                0x85BB_A50B_27C3_D68F,
                0x084F_FCD6_2C39_9DDC,
            ],
        },
        NumpyStream {
            key: [0xFFFF_FFFF_FFFF_FFFF, 0xFFFF_FFFF_FFFF_FFFF],
            draw: 0xFFFF_FFFF_FFFF_FFFF,
            entity: 0xFFFF_FFFF_FFFF_FFFF,
            purpose: 0xFFFF_FFFF_FFFF_FFFF,
            words: [
                0xE253_DF89_64E2_6D9C,
                0x2DB5_0ACD_1513_D80B,
                0x54EA_C662_27F1_F7E6,
                0xF2BB_65EB_59FA_2739,
                0x3A67_4BAE_7A63_05EE,
                0x6209_06FF_4FFF_9C64,
                0xD541_4B6E_A839_7085,
                0xAB8A_44E5_7097_1EE3,
                0x116F_18F6_804E_40F3,
                0x3AFC_BDA8_D37B_0545,
                0x0F1E_6F3A_6819_9377,
                0x8197_52B4_CA36_85B2,
            ],
        },
    ]
}

#[test]
fn philox_gives_random123s_known_answers() {
    for (counter, key, result) in RANDOM123 {
        assert_eq!(philox4x64_10(counter, key), result);
    }
}

#[test]
fn an_address_streams_what_numpy_streams() {
    for stream in numpy_streams() {
        let key = Key { seed: stream.key[0], replication: stream.key[1] };
        let address = Address { entity: Entity(stream.entity), purpose: stream.purpose, draw: stream.draw };
        for (block, expected) in (1u64..).zip(stream.words.chunks(4)) {
            assert_eq!(key.block(address, block), expected);
        }
        let mut words = key.words(address, 1);
        assert_eq!(stream.words.map(|_| words.next_word()), stream.words);
    }
}

#[test]
fn words_can_start_at_a_later_block() {
    let key = Key { seed: 1, replication: 2 };
    let address = Address { entity: Entity(3), purpose: 4, draw: 5 };
    let mut words = key.words(address, 3);
    assert_eq!([0; 4].map(|_: u64| words.next_word()), key.block(address, 3));
    assert_eq!(words.next_word(), key.block(address, 4)[0]);
}

#[test]
fn rand_sees_the_same_words() {
    let stream = &numpy_streams()[6];
    let key = Key { seed: stream.key[0], replication: stream.key[1] };
    let address = Address { entity: Entity(stream.entity), purpose: stream.purpose, draw: stream.draw };
    let mut words = key.words(address, 1);
    assert_eq!(words.next_u64(), stream.words[0]);
    assert_eq!(u64::from(words.next_u32()), stream.words[1] >> 32);
    let mut bytes = [0; 12];
    words.fill_bytes(&mut bytes);
    assert_eq!(bytes[..8], stream.words[2].to_le_bytes());
    assert_eq!(bytes[8..], stream.words[3].to_le_bytes()[..4]);
    assert_eq!(words.next_u64(), stream.words[4]);
}

#[test]
fn an_entity_is_the_head_of_a_sha256() {
    // printf 'store\\0000042\\000edge' | sha256sum
    assert_eq!(Entity::new("store", "0042", "edge").0, 0xBC0D_9798_148E_C198);
    // The separators keep parts apart.
    assert_ne!(Entity::new("store", "1", "2"), Entity::new("store", "12", ""));
    assert_ne!(Entity::new("store", "1", ""), Entity::new("store1", "", ""));
}

/// Cells per axis of the pair test: 16 × 16 counts of 2²⁰/256 expected each.
const CELLS: usize = 16;
const PAIRS: u64 = 1 << 20;
/// Bound on chi-squared with 255 degrees of freedom that is passed by chance with probability below 10⁻⁶
/// (scipy.stats.chi2.isf(1e-6, 255) = 377.08); with the 48 tables below, 5·10⁻⁵ for the whole test.
const CHI_SQUARED_MAX: f64 = 378.0;

/// Where one coordinate of the address moves by one, nothing of one word can be told from the other: a
/// chi-squared test of independence and uniformity on pairs, for each coordinate, each word and both the top
/// and the bottom bits.
#[test]
fn neighbouring_addresses_are_unrelated() {
    type Step = fn(&mut Key, &mut Address, &mut u64);
    let steps: [(&str, Step); 6] = [
        ("entity", |_, address, _| address.entity.0 += 1),
        ("draw", |_, address, _| address.draw += 1),
        ("purpose", |_, address, _| address.purpose += 1),
        ("block", |_, _, block| *block += 1),
        ("replication", |key, _, _| key.replication += 1),
        ("seed", |key, _, _| key.seed += 1),
    ];
    for (name, step) in steps {
        let mut top = vec![[0u32; CELLS * CELLS]; 4];
        let mut bottom = top.clone();
        for number in 0..PAIRS {
            // Both ends of a pair are used once: no draw is the neighbour of two others.
            let mut key = Key { seed: 11, replication: 0 };
            let mut address = Address { entity: Entity(1 << 20), purpose: 2, draw: 2 * number };
            let mut block = 1;
            if name != "draw" {
                address.draw = number;
            }
            let here = key.block(address, block);
            step(&mut key, &mut address, &mut block);
            let there = key.block(address, block);
            for word in 0..4 {
                let cell = |bits: fn(u64) -> u64| (bits(here[word]) * 16 + bits(there[word])) as usize;
                top[word][cell(|value| value >> 60)] += 1;
                bottom[word][cell(|value| value & 15)] += 1;
            }
        }
        for (word, counts) in top.iter().chain(&bottom).enumerate() {
            let statistic = chi_squared(counts);
            assert!(statistic < CHI_SQUARED_MAX, "{name} ± 1, table {word}: chi-squared {statistic}");
        }
    }
}

/// Pearson's statistic against equal expected counts.
fn chi_squared(counts: &[u32]) -> f64 {
    let expected = PAIRS as f64 / counts.len() as f64;
    counts.iter().map(|&count| (f64::from(count) - expected) * (f64::from(count) - expected) / expected).sum()
}
