//! The values of the untouched world, written as raw text.
//!
//! A value depends on the seed, the record's position and the property's name only. Deliberately absent: JSON, and
//! values that were changed since (`edits`).

mod texts;

use std::cell::OnceCell;

use crate::catalog::{COMPANIES, CONTACTS, DEALS, Kind, PRODUCTS};
use crate::config::Poison;
use crate::definitions::Property;
use crate::definitions::generator::{Generator, NamePart, Outcome};
use crate::json::{LONE_SURROGATE, number};
use crate::noise::{self, below, pick};
use crate::people::{PEOPLE, Person};
use crate::pipelines::{self, PipelineRow, StageRow};
use crate::stamp::{self, DAY};
use crate::world::World;
use crate::world::cast::{Firm, Persona, Tongue};

/// One record of the untouched world, with what its values share.
pub(crate) struct Subject<'w> {
    pub(crate) world: &'w World,
    pub(crate) kind: Kind,
    ordinal: u64,
    seat: Option<u64>,
    pub(crate) id: u64,
    noise: u64,
    pub(crate) created: i64,
    pub(crate) modified: i64,
    pub(crate) poison: Option<Poison>,
    firm: OnceCell<Option<(u64, u64)>>,
    face: OnceCell<Option<Firm>>,
    persona: OnceCell<Persona>,
}

impl<'w> Subject<'w> {
    pub(crate) fn new(world: &'w World, kind: Kind, ordinal: u64) -> Subject<'w> {
        let extent = world.extent(kind);
        let seat = extent.seat(ordinal);
        Subject {
            world,
            kind,
            ordinal,
            seat,
            id: extent.id(ordinal),
            noise: world.noise(kind, ordinal),
            created: world.created(kind, ordinal),
            modified: world.modified(kind, ordinal),
            poison: world.poison(kind, seat),
            firm: OnceCell::new(),
            face: OnceCell::new(),
            persona: OnceCell::new(),
        }
    }

    /// The firm this record belongs to, and its place there.
    fn firm(&self) -> Option<(u64, u64)> {
        *self.firm.get_or_init(|| match self.kind {
            COMPANIES => Some((self.seat.unwrap_or(self.world.extent(COMPANIES).live + self.ordinal), 0)),
            kind => self.world.links.main(kind, COMPANIES, self.seat?),
        })
    }

    fn face(&self) -> Option<&Firm> {
        self.face.get_or_init(|| self.firm().map(|(seat, _)| self.world.cast.firm(seat))).as_ref()
    }

    /// The person this record is, or is about.
    fn persona(&self) -> &Persona {
        self.persona.get_or_init(|| {
            let cast = &self.world.cast;
            match self.firm() {
                Some((firm, place)) if self.kind == CONTACTS => cast.colleague(firm, place),
                Some((firm, _)) => cast.colleague(firm, self.noise % 4),
                None => cast.stranger(self.seat.unwrap_or(self.world.extent(self.kind).live + self.ordinal)),
            }
        })
    }

    fn tongue(&self) -> &'w Tongue {
        let index = self.face().map_or_else(|| self.persona().tongue, |face| face.tongue);
        self.world.cast.tongue(index)
    }

    /// Noise that several properties of the record agree on.
    fn shared(&self, salt: u64) -> u64 {
        noise::at(self.noise, salt)
    }

    fn pipeline(&self) -> Option<&'static PipelineRow> {
        let rows = pipelines::rows(self.kind);
        if rows.len() > 1 && self.shared(31).is_multiple_of(5) { rows.get(1) } else { rows.first() }
    }

    fn stage(&self) -> Option<&'static StageRow> {
        let (_, _, stages) = self.pipeline()?;
        let age = (self.world.until - self.created) / DAY;
        // Old business is mostly over; young business is mostly open.
        let late = below(self.shared(32), 400) < u64::try_from(age).unwrap_or(0);
        let open = stages.len() - 2;
        let at = if late { open + pick(self.shared(33), 2) } else { pick(self.shared(34), open.max(1)) };
        stages.get(at)
    }

    fn owner(&self) -> &'static Person {
        &PEOPLE[pick(self.shared(35), PEOPLE.len())]
    }

    /// Writes the value of a property; writes nothing and answers `false` where the record has none.
    pub(crate) fn write(&self, property: &Property, out: &mut Vec<u8>) -> bool {
        let noise = noise::at(self.noise, property.salt);
        if let Some(poison) = self.poison
            && let Some(written) = poisoned(poison, property, out)
        {
            return written;
        }
        if property.fill < 1_000 && below(noise.rotate_left(17), 1_000) >= u64::from(property.fill) {
            return false;
        }
        self.generate(property, noise, out)
    }

    fn generate(&self, property: &Property, noise: u64, out: &mut Vec<u8>) -> bool {
        match &property.generator {
            Generator::None => return false,
            Generator::Created => stamp::iso(out, self.created),
            Generator::Modified => stamp::iso(out, self.modified),
            Generator::Id => number(out, self.id),
            Generator::Between => stamp::iso(out, self.between(noise)),
            Generator::Ahead => stamp::iso(out, self.world.until + days(1 + below(noise, 45))),
            Generator::CloseDate => stamp::iso(out, self.created + days(5 + below(noise, 120))),
            Generator::Date(lo, hi) => {
                let span = u64::try_from(hi - lo).unwrap_or(0);
                stamp::date(out, self.created + lo * DAY + days(below(noise, span.max(1))));
            }
            Generator::Int(lo, hi) => number(out, lo + below(noise, hi - lo + 1)),
            Generator::Money(lo, hi) => money(out, noise, *lo, *hi),
            Generator::Amount => money(out, self.shared(36), 200, 4_000 + 90_000 * (self.shared(37) % 9 / 8)),
            Generator::Decimal(lo, hi) => {
                number(out, lo + below(noise, (hi - lo).max(1)));
                out.push(b'.');
                number(out, 1 + below(noise::mix(noise), 9_998));
            }
            Generator::Bool(per_mille) => word(out, truth(below(noise, 1_000) < *per_mille)),
            Generator::OneOption => {
                let (a, b) = (noise, noise::mix(noise));
                let Some(last) = property.options.len().checked_sub(1) else { return false };
                // The first options are the common ones.
                let at = pick(a, last + 1).min(pick(b, last + 1));
                word(out, &property.options[at].value);
            }
            Generator::SomeOptions => return some_options(property, noise, out),
            Generator::Const(text) => word(out, text),
            Generator::Guid => guid(out, noise),
            Generator::Token(len) => token(out, noise, *len),
            Generator::Number(prefix) => {
                word(out, prefix);
                number(out, 100_000 + self.ordinal);
            }
            Generator::Url(prefix) => {
                word(out, prefix);
                token(out, noise, 8);
            }
            Generator::Owner => number(out, self.owner().owner_id),
            Generator::Team => number(out, self.owner().team_id()),
            Generator::User => number(out, self.owner().user_id),
            Generator::UserRef => {
                word(out, "userId:");
                number(out, self.owner().user_id);
            }
            Generator::Pipeline => match self.pipeline() {
                Some((id, ..)) => word(out, id),
                None => return false,
            },
            Generator::Stage => match self.stage() {
                Some((id, ..)) => word(out, id),
                None => return false,
            },
            Generator::Probability => match self.stage() {
                Some((.., fact)) => word(out, fact),
                None => return false,
            },
            Generator::Closed(outcome) => {
                let fact = self.stage().map_or("", |&(.., fact)| fact);
                let (won, lost) = (fact == "1.0", fact == "0.0");
                word(
                    out,
                    truth(match outcome {
                        Outcome::Either => won || lost,
                        Outcome::Won => won,
                        Outcome::Lost => lost,
                    }),
                );
            }
            Generator::Main(kind) => match self.seat.and_then(|s| self.world.links.main(self.kind, *kind, s))
            {
                Some((group, _)) => {
                    let extent = self.world.extent(*kind);
                    number(out, extent.id(extent.ordinal(group)));
                }
                None => return false,
            },
            Generator::Count(kind) => {
                let count = self.seat.map_or(0, |s| self.world.links.count(self.kind, *kind, s));
                number(out, count);
            }
            Generator::Staff(part) => {
                let count = u64::try_from(PEOPLE.len()).expect("few people");
                let person = &PEOPLE[usize::try_from(self.ordinal % count).expect("few people")];
                word(out, &person.told(*part));
            }
            _ => return self.write_words(property, noise, out),
        }
        true
    }

    /// A moment between creation and the last change.
    fn between(&self, noise: u64) -> i64 {
        let room = u64::try_from(self.modified - self.created).unwrap_or(0);
        self.created + i64::try_from(below(noise, room + 1)).unwrap_or(0)
    }

    fn write_words(&self, property: &Property, noise: u64, out: &mut Vec<u8>) -> bool {
        let cast = &self.world.cast;
        match &property.generator {
            Generator::Email | Generator::MailName(NamePart::Address) => {
                cast.write_email(out, self.persona(), self.face());
            }
            Generator::Given | Generator::MailName(NamePart::Given) => {
                word(out, &cast.given(self.persona()).native);
            }
            Generator::Family | Generator::MailName(NamePart::Family) => {
                word(out, &cast.family(self.persona()).native);
            }
            Generator::FullName => {
                word(out, &cast.given(self.persona()).native);
                out.push(b' ');
                word(out, &cast.family(self.persona()).native);
            }
            Generator::Handle => {
                word(out, &cast.given(self.persona()).latin);
                number(out, below(noise, 900) + 10);
            }
            Generator::Phone => self.write_phone(self.shared(40), out),
            Generator::Mobile => self.write_phone(self.shared(41), out),
            Generator::PhoneDigits => number(out, 10_000_000 + below(self.shared(40), 89_999_999)),
            Generator::Title => {
                let titles = &self.tongue().titles;
                word(out, titles[pick(noise, titles.len())]);
            }
            Generator::Firm => match self.face() {
                Some(firm) => cast.write_firm(out, firm),
                None => return false,
            },
            Generator::Domain => match self.face() {
                Some(firm) => cast.write_domain(out, firm),
                None => word(out, "post.example"),
            },
            Generator::Website => match self.face() {
                Some(firm) => {
                    word(out, "https://www.");
                    cast.write_domain(out, firm);
                }
                None => return false,
            },
            Generator::Street => {
                let streets = &self.tongue().streets;
                word(out, &streets[pick(noise, streets.len())]);
                out.push(b' ');
                number(out, 1 + below(noise::mix(noise), 180));
            }
            Generator::City => {
                let cities = &self.tongue().cities;
                word(out, &cities[pick(self.shared(42), cities.len())]);
            }
            Generator::Zip => number(out, 10_000 + below(self.shared(43), 89_999)),
            Generator::Country => word(out, self.tongue().country),
            Generator::CountryCode => word(out, self.tongue().country_code),
            Generator::Currency => word(out, self.tongue().currency),
            Generator::Language => word(out, &self.tongue().code[..2]),
            Generator::DealName => self.write_deal_name(out),
            Generator::ProductName => texts::product_name(self.product_number(), out),
            Generator::Product => {
                let products = self.world.extent(PRODUCTS);
                if products.live == 0 {
                    return false;
                }
                number(out, products.id(products.ordinal(self.product_number() % products.live)));
            }
            Generator::Pool(pool) => texts::from_pool(*pool, noise, out),
            Generator::Note => texts::remarks(self.tongue(), noise, 1 + below(noise, 3), out),
            Generator::Message => self.write_message(noise, out),
            Generator::Html => self.write_html(noise, out),
            Generator::Headers => texts::mail_headers(self.persona(), cast, self.face(), out),
            _ => return false,
        }
        true
    }

    fn product_number(&self) -> u64 {
        match self.kind {
            PRODUCTS => self.ordinal,
            _ => below(self.shared(44), self.world.extent(PRODUCTS).live.max(1)),
        }
    }

    fn write_phone(&self, noise: u64, out: &mut Vec<u8>) {
        word(out, self.tongue().dial);
        out.push(b' ');
        number(out, 10 + below(noise, 89));
        out.push(b' ');
        number(out, 100 + below(noise::mix(noise), 899));
        out.push(b' ');
        number(out, 10 + below(noise::at(noise, 1), 89));
        out.push(b' ');
        number(out, 10 + below(noise::at(noise, 2), 89));
    }

    fn write_deal_name(&self, out: &mut Vec<u8>) {
        const WHAT: [&str; 9] = [
            "Gravel fleet",
            "Cargo bikes",
            "Spring order",
            "Workshop contract",
            "Helmets & lights",
            "Flotte gravel",
            "Vinterlager",
            "Demo-Räder",
            "Reservdelar",
        ];
        if let Some(firm) = self.face() {
            self.world.cast.write_firm(out, firm);
            word(out, " – ");
        }
        word(out, WHAT[pick(self.shared(45), WHAT.len())]);
        out.push(b' ');
        stamp::date(out, self.created + 90 * DAY);
        out.truncate(out.len() - 6);
    }

    fn write_message(&self, noise: u64, out: &mut Vec<u8>) {
        if self.is_long(noise) {
            texts::long(self.tongue(), out);
        } else {
            texts::remarks(self.tongue(), noise, 2 + below(noise, 4), out);
        }
    }

    fn write_html(&self, noise: u64, out: &mut Vec<u8>) {
        word(out, "<div style=\"\" dir=\"auto\" data-top-level=\"true\"><p>");
        if self.is_long(noise) {
            texts::long(self.tongue(), out);
        } else {
            texts::remarks(self.tongue(), noise, 1 + below(noise, 4), out);
        }
        word(out, "</p></div>");
    }

    fn is_long(&self, noise: u64) -> bool {
        self.world.long_texts && noise.is_multiple_of(50)
    }
}

fn word(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(text.as_bytes());
}

fn truth(is: bool) -> &'static str {
    if is { "true" } else { "false" }
}

fn days(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(0) * DAY
}

/// Amounts keep the text they were given: with cents, with one digit, or whole.
fn money(out: &mut Vec<u8>, noise: u64, lo: u64, hi: u64) {
    let whole = lo + below(noise, (hi - lo).max(1));
    number(out, whole);
    match noise % 4 {
        0 => word(out, ".00"),
        1 => {
            out.push(b'.');
            number(out, 1 + below(noise, 9));
        }
        _ => {}
    }
}

fn some_options(property: &Property, noise: u64, out: &mut Vec<u8>) -> bool {
    let len = property.options.len();
    let count = 1 + pick(noise, 3.min(len));
    let first = pick(noise::mix(noise), len);
    for step in 0..count {
        if step > 0 {
            out.push(b';');
        }
        word(out, &property.options[(first + step) % len].value);
    }
    true
}

fn token(out: &mut Vec<u8>, noise: u64, len: usize) {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut bits = noise;
    for place in 0..len {
        if place % 12 == 11 {
            bits = noise::mix(bits ^ noise);
        }
        out.push(LETTERS[pick(bits << 59, LETTERS.len())]);
        bits >>= 5;
    }
}

fn guid(out: &mut Vec<u8>, noise: u64) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    for place in 0..32 {
        if matches!(place, 8 | 12 | 16 | 20) {
            out.push(b'-');
        }
        out.push(HEX[pick(noise::at(noise, place), HEX.len())]);
    }
}

/// What a spoilt contact holds in a property: something else, nothing, or what it always holds.
fn poisoned(poison: Poison, property: &Property, out: &mut Vec<u8>) -> Option<bool> {
    match (poison, property.name.as_str()) {
        (Poison::LoneSurrogate, "jobtitle") => {
            out.extend_from_slice(&[b'C', b'E', b'O', b' ', LONE_SURROGATE]);
        }
        (Poison::Nul, "jobtitle") => out.extend_from_slice(b"before\0after"),
        (Poison::EmptyValue, "jobtitle") => {}
        (Poison::WrongNumber, "num_conversion_events") => word(out, "3092727991;3881228353"),
        (Poison::NumberValue, "num_conversion_events") => word(out, "7"),
        (Poison::MissingStamps, _) if property.generator.is_stamp() => return Some(false),
        _ => return None,
    }
    Some(true)
}

/// The types whose records stand in a pipeline, with the property that names it and the one that names the stage.
pub(crate) fn pipeline_properties(kind: Kind) -> Option<(&'static str, &'static str)> {
    match kind {
        DEALS => Some(("pipeline", "dealstage")),
        kind if !pipelines::rows(kind).is_empty() => Some(("hs_pipeline", "hs_pipeline_stage")),
        _ => None,
    }
}
