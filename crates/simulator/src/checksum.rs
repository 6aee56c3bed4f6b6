//! Seeded stand-ins for what is random in the real service: ids, signatures, noise.

/// A number that follows from a text: FNV-1a, then a round of mixing so that close texts give far numbers.
pub fn checksum(text: &str) -> u64 {
    let mut sum = 0xcbf2_9ce4_8422_2325_u64;
    for byte in text.bytes() {
        sum = (sum ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    sum = (sum ^ (sum >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    sum = (sum ^ (sum >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    sum ^ (sum >> 31)
}

/// Sixteen hexadecimal digits.
pub fn hex16(seed: &str) -> String {
    format!("{:016x}", checksum(seed))
}

/// Thirty-two hexadecimal digits.
pub fn hex32(seed: &str) -> String {
    format!("{:016x}{:016x}", checksum(seed), checksum(&format!("{seed}, second half")))
}

/// A GUID.
pub fn guid(seed: &str) -> String {
    let digits = hex32(seed);
    format!("{}-{}-{}-{}-{}", &digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..])
}

/// A number from 0 up to 1.
pub fn fraction(seed: &str) -> f64 {
    (checksum(seed) >> 11) as f64 / (1_u64 << 53) as f64
}

/// Thirty-two bytes that stand for a signature. They tell this simulator's own work from anything else; they
/// are no protection, and nothing here needs any.
pub fn signature(text: &str) -> [u8; 32] {
    let mut bytes = [0; 32];
    for (index, part) in bytes.chunks_exact_mut(8).enumerate() {
        part.copy_from_slice(&checksum(&format!("{index} of the simulator's key {text}")).to_be_bytes());
    }
    bytes
}
