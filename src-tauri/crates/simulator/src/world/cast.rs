//! The people and firms of the portal's world: names, places, streets and remarks in many languages.
//!
//! Deliberately absent: who works where; that is `links`'. Every firm's domain ends in `.example`.

use crate::noise;

/// A word as it is written, and as it is spelled in an address.
#[derive(Debug)]
pub(crate) struct Word {
    pub(crate) native: String,
    pub(crate) latin: String,
}

#[derive(Debug)]
pub(crate) struct Tongue {
    pub(crate) code: &'static str,
    pub(crate) country: &'static str,
    pub(crate) country_code: &'static str,
    pub(crate) dial: &'static str,
    pub(crate) currency: &'static str,
    pub(crate) given: Vec<Word>,
    pub(crate) family: Vec<Word>,
    pub(crate) first: Vec<Word>,
    pub(crate) second: Vec<Word>,
    pub(crate) cities: Vec<String>,
    pub(crate) streets: Vec<String>,
    pub(crate) legal: Vec<String>,
    pub(crate) titles: Vec<&'static str>,
    pub(crate) notes: Vec<String>,
}

/// Who a person is: everything their name and address are made of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Persona {
    pub(crate) tongue: usize,
    pub(crate) given: usize,
    pub(crate) family: usize,
    /// Told apart from namesakes at the same firm by this number, when it is not 0.
    pub(crate) serial: u64,
}

/// What a firm is called.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Firm {
    pub(crate) tongue: usize,
    first: usize,
    second: usize,
    series: usize,
    legal: usize,
}

#[derive(Debug)]
pub(crate) struct Cast {
    pub(crate) tongues: Vec<Tongue>,
    /// Which language the n-th firm speaks, and the how-manieth slot of that language it is; repeats for ever.
    wheel: Vec<(usize, usize)>,
}

impl Cast {
    pub(crate) fn new() -> Cast {
        let tongues = parse(include_str!("data/cast.txt"));
        let mut wheel: Vec<(usize, usize)> = Vec::new();
        for (index, tongue) in tongues.iter().enumerate() {
            wheel.extend((0..tongue.given.len()).map(|slot| (index, slot)));
        }
        wheel.sort_by_key(|&(index, slot)| noise::mix((index * 64 + slot) as u64));
        Cast { tongues, wheel }
    }

    pub(crate) fn firm(&self, seat: u64) -> Firm {
        let around = usize::try_from(seat).expect("seats fit memory");
        let (tongue, slot) = self.wheel[around % self.wheel.len()];
        let words = &self.tongues[tongue];
        let nth = around / self.wheel.len() * words.given.len() + slot;
        let (f, s) = (words.first.len(), words.second.len());
        Firm {
            tongue,
            first: nth % f,
            second: (nth / f + nth % f) % s,
            series: nth / (f * s),
            legal: noise::pick(noise::mix(seat), words.legal.len()),
        }
    }

    /// The person in a given place at a firm; no two places give the same name and serial.
    pub(crate) fn colleague(&self, firm_seat: u64, place: u64) -> Persona {
        self.person(self.firm(firm_seat).tongue, noise::at(firm_seat, 11), place)
    }

    /// A person of no firm.
    pub(crate) fn stranger(&self, seat: u64) -> Persona {
        let around = usize::try_from(seat).expect("seats fit memory");
        let (tongue, _) = self.wheel[around % self.wheel.len()];
        Persona { serial: seat + 1, ..self.person(tongue, noise::mix(seat), 0) }
    }

    fn person(&self, tongue: usize, noise: u64, place: u64) -> Persona {
        let words = &self.tongues[tongue];
        let (g, f) = (words.given.len() as u64, words.family.len() as u64);
        let index = |n: u64| usize::try_from(n).expect("an index into a short list");
        Persona {
            tongue,
            given: index((place % g + noise % g) % g),
            family: index((place / g + place % g + (noise >> 32) % f) % f),
            serial: place / (g * f),
        }
    }

    pub(crate) fn tongue(&self, index: usize) -> &Tongue {
        &self.tongues[index]
    }

    pub(crate) fn given(&self, who: &Persona) -> &Word {
        &self.tongues[who.tongue].given[who.given]
    }

    pub(crate) fn family(&self, who: &Persona) -> &Word {
        &self.tongues[who.tongue].family[who.family]
    }

    pub(crate) fn write_firm(&self, out: &mut Vec<u8>, firm: &Firm) {
        let words = &self.tongues[firm.tongue];
        out.extend_from_slice(words.first[firm.first].native.as_bytes());
        out.push(b' ');
        out.extend_from_slice(words.second[firm.second].native.as_bytes());
        if firm.series > 0 {
            out.push(b' ');
            out.extend_from_slice(words.cities[(firm.series - 1) % words.cities.len()].as_bytes());
        }
        if firm.series > words.cities.len() {
            out.push(b' ');
            crate::json::number(out, (firm.series / words.cities.len() + 1) as u64);
        }
        out.push(b' ');
        out.extend_from_slice(words.legal[firm.legal].as_bytes());
    }

    /// The firm's own domain; no two firms share one.
    pub(crate) fn write_domain(&self, out: &mut Vec<u8>, firm: &Firm) {
        let words = &self.tongues[firm.tongue];
        out.extend_from_slice(words.first[firm.first].latin.as_bytes());
        out.push(b'-');
        out.extend_from_slice(words.second[firm.second].latin.as_bytes());
        if firm.series > 0 {
            crate::json::number(out, firm.series as u64 + 1);
        }
        out.push(b'.');
        out.extend_from_slice(words.country_code.to_ascii_lowercase().as_bytes());
        out.extend_from_slice(b".example");
    }

    /// An address nobody else has: at the firm's domain, or at a free provider.
    pub(crate) fn write_email(&self, out: &mut Vec<u8>, who: &Persona, firm: Option<&Firm>) {
        out.extend_from_slice(self.given(who).latin.as_bytes());
        out.push(b'.');
        out.extend_from_slice(self.family(who).latin.as_bytes());
        if who.serial > 0 {
            crate::json::number(out, who.serial);
        }
        out.push(b'@');
        match firm {
            Some(firm) => self.write_domain(out, firm),
            None => out.extend_from_slice(b"post.example"),
        }
    }
}

fn parse(text: &'static str) -> Vec<Tongue> {
    let mut tongues: Vec<Tongue> = Vec::new();
    for line in text.lines().filter(|l| !l.is_empty() && !l.starts_with('#')) {
        if let Some(head) = line.strip_prefix('[') {
            let (code, facts) = head.split_once("] ").expect("a head closes its bracket");
            let mut facts = facts.split('|');
            let mut fact = || facts.next().expect("a head has four facts");
            tongues.push(Tongue {
                code,
                country: fact(),
                country_code: fact(),
                dial: fact(),
                currency: fact(),
                given: Vec::new(),
                family: Vec::new(),
                first: Vec::new(),
                second: Vec::new(),
                cities: Vec::new(),
                streets: Vec::new(),
                legal: Vec::new(),
                titles: Vec::new(),
                notes: Vec::new(),
            });
            continue;
        }
        let tongue = tongues.last_mut().expect("a head comes first");
        let (key, rest) = line.split_once(' ').expect("a key and its values");
        match key {
            "given" => tongue.given = words(rest),
            "family" => tongue.family = words(rest),
            "first" => tongue.first = words(rest),
            "second" => tongue.second = words(rest),
            "city" => tongue.cities = rest.split(' ').map(spaced).collect(),
            "street" => tongue.streets = rest.split(' ').map(spaced).collect(),
            "legal" => tongue.legal = rest.split('|').map(spaced).collect(),
            "title" => tongue.titles = rest.split('|').collect(),
            "note" => tongue.notes = rest.split('|').map(|n| n.replace("\\n", "\n")).collect(),
            other => unreachable!("the cast has no {other}"),
        }
    }
    tongues
}

fn words(line: &str) -> Vec<Word> {
    let word = |item: &str| {
        let (native, latin) = item.split_once(':').expect("a word and its Latin spelling");
        Word { native: spaced(native), latin: latin.to_owned() }
    };
    line.split(' ').map(word).collect()
}

fn spaced(word: &str) -> String {
    word.replace('_', " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_two_firms_share_a_domain_and_no_two_colleagues_an_address() {
        let cast = Cast::new();
        let mut domains = HashSet::new();
        let mut addresses = HashSet::new();
        for seat in 0..3_000 {
            let firm = cast.firm(seat);
            let mut domain = Vec::new();
            cast.write_domain(&mut domain, &firm);
            assert!(domain.is_ascii() && domain.ends_with(b".example"));
            assert!(domains.insert(domain));
            for place in 0..if seat % 500 == 0 { 400 } else { 5 } {
                let mut address = Vec::new();
                cast.write_email(&mut address, &cast.colleague(seat, place), Some(&firm));
                assert!(addresses.insert(address));
            }
        }
    }
}
