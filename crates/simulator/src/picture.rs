//! Small pictures, as PNG files: four colours, and nothing compressed.

/// A picture that is drawn pixel by pixel.
pub struct Picture {
    width: usize,
    height: usize,
    /// One colour's number for each pixel.
    pixels: Vec<u8>,
}

/// Paper, ink, crust and berry.
const COLOURS: [[u8; 3]; 4] =
    [[0xff, 0xfb, 0xf4], [0x3a, 0x32, 0x2b], [0xc9, 0x8a, 0x3b], [0xa3, 0x2f, 0x4f]];

pub const INK: u8 = 1;
pub const CRUST: u8 = 2;
pub const BERRY: u8 = 3;

impl Picture {
    /// Empty paper.
    pub fn new(width: usize, height: usize) -> Picture {
        Picture { width, height, pixels: vec![0; width * height] }
    }

    /// Fills a rectangle; what lies outside is left out.
    pub fn fill(&mut self, (left, top): (usize, usize), (width, height): (usize, usize), colour: u8) {
        for row in top..(top + height).min(self.height) {
            for column in left..(left + width).min(self.width) {
                self.pixels[row * self.width + column] = colour;
            }
        }
    }

    /// Fills an ellipse.
    pub fn oval(&mut self, (left, top): (usize, usize), (width, height): (usize, usize), colour: u8) {
        for row in 0..height {
            for column in 0..width {
                let across = (column as f64 + 0.5) / width as f64 * 2.0 - 1.0;
                let down = (row as f64 + 0.5) / height as f64 * 2.0 - 1.0;
                if across * across + down * down <= 1.0 {
                    self.fill((left + column, top + row), (1, 1), colour);
                }
            }
        }
    }

    /// The file.
    pub fn png(&self) -> Vec<u8> {
        let mut rows = Vec::new();
        for row in self.pixels.chunks(self.width) {
            // No filter; then four pixels in a byte.
            rows.push(0);
            rows.extend(row.chunks(4).map(|four| {
                four.iter().enumerate().fold(0, |byte, (place, colour)| byte | colour << (6 - 2 * place))
            }));
        }
        let mut header = Vec::new();
        header.extend(be(self.width));
        header.extend(be(self.height));
        // Two bits a pixel, colours from a palette, the usual methods, not interlaced.
        header.extend([2, 3, 0, 0, 0]);
        let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
        chunk(&mut file, b"IHDR", &header);
        chunk(&mut file, b"PLTE", COLOURS.as_flattened());
        chunk(&mut file, b"IDAT", &stored(&rows));
        chunk(&mut file, b"IEND", &[]);
        file
    }
}

fn be(number: usize) -> [u8; 4] {
    u32::try_from(number).unwrap_or_default().to_be_bytes()
}

fn chunk(file: &mut Vec<u8>, kind: &[u8], data: &[u8]) {
    file.extend(be(data.len()));
    let start = file.len();
    file.extend(kind);
    file.extend(data);
    let sum = crc32(&file[start..]);
    file.extend(sum.to_be_bytes());
}

/// A zlib stream whose blocks are stored as they are.
fn stored(data: &[u8]) -> Vec<u8> {
    let mut stream = vec![0x78, 0x01];
    let blocks = data.chunks(0xffff).len();
    for (index, block) in data.chunks(0xffff).enumerate() {
        let length = u16::try_from(block.len()).unwrap_or(u16::MAX);
        stream.push(u8::from(index + 1 == blocks));
        stream.extend(length.to_le_bytes());
        stream.extend((!length).to_le_bytes());
        stream.extend(block);
    }
    let (low, high) = data.iter().fold((1_u32, 0_u32), |(low, high), byte| {
        let low = (low + u32::from(*byte)) % 65_521;
        (low, (high + low) % 65_521)
    });
    stream.extend((high << 16 | low).to_be_bytes());
    stream
}

fn crc32(data: &[u8]) -> u32 {
    !data.iter().fold(!0, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| sum >> 1 ^ if sum & 1 == 1 { 0xedb8_8320 } else { 0 })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_those_of_the_formats() {
        assert_eq!(crc32(b"IEND"), 0xae42_6082);
        let stream = stored(b"Wikipedia");
        assert_eq!(stream[..7], [0x78, 0x01, 1, 9, 0, 0xf6, 0xff]);
        assert_eq!(stream[16..], 0x11e6_0398_u32.to_be_bytes());
    }

    #[test]
    fn a_picture_has_the_pixels_that_were_drawn() {
        let mut picture = Picture::new(6, 2);
        picture.fill((1, 0), (2, 1), BERRY);
        picture.fill((5, 1), (9, 9), CRUST);
        let file = picture.png();
        // Each row begins with its filter, and six pixels take two bytes.
        let rows = [0, 0b0011_1100, 0, 0, 0, 0b0010_0000];
        assert!(file.windows(rows.len()).any(|bytes| bytes == rows), "{file:?}");
    }
}
