//! What kind of value a property holds in the untouched world, as the tables name it.
//!
//! Deliberately absent: the values themselves; `values` writes them.

use crate::catalog::Kind;

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Generator {
    None,
    Email,
    Given,
    Family,
    FullName,
    Phone,
    Mobile,
    PhoneDigits,
    Title,
    Firm,
    Domain,
    Website,
    Street,
    City,
    Zip,
    Country,
    CountryCode,
    Currency,
    Language,
    Handle,
    OneOption,
    SomeOptions,
    Int(u64, u64),
    Money(u64, u64),
    Decimal(u64, u64),
    Amount,
    Bool(u64),
    /// Days after creation, from and to.
    Date(i64, i64),
    Created,
    Modified,
    Between,
    Ahead,
    CloseDate,
    Id,
    Owner,
    Team,
    User,
    UserRef,
    Pipeline,
    Stage,
    Probability,
    Closed(Outcome),
    Pool(usize),
    Note,
    Message,
    Html,
    Headers,
    MailName(NamePart),
    DealName,
    ProductName,
    Product,
    Const(&'static str),
    Guid,
    Url(&'static str),
    Token(usize),
    Number(&'static str),
    Staff(StaffPart),
    Main(Kind),
    Count(Kind),
}

/// Which question about a deal's end is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Either,
    Won,
    Lost,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NamePart {
    Address,
    Given,
    Family,
}

/// What is told about one of the people who work in the portal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StaffPart {
    Address,
    Given,
    Family,
    User,
}

/// The pools of `data/pools.txt`, by name.
pub(crate) fn pools() -> Vec<(&'static str, Vec<&'static str>)> {
    include_str!("data/pools.txt")
        .lines()
        .filter_map(|line| line.split_once(": "))
        .map(|(name, items)| (name, items.split('|').collect()))
        .collect()
}

impl Generator {
    pub(super) fn parse(text: &'static str, property: &str) -> Generator {
        let (word, rest) = text.split_once(':').unwrap_or((text, ""));
        let numbers = || {
            let (lo, hi) = rest.split_once(':').expect("a range");
            (lo.parse::<i64>().expect("a number"), hi.parse::<i64>().expect("a number"))
        };
        let range = || {
            let (lo, hi) = numbers();
            (u64::try_from(lo).expect("not negative"), u64::try_from(hi).expect("not negative"))
        };
        let kind = || Kind::all().find(|k| k.name() == rest).expect("a type");
        match word {
            "none" => Generator::None,
            "email" => Generator::Email,
            "given" => Generator::Given,
            "family" => Generator::Family,
            "fullname" => Generator::FullName,
            "phone" => Generator::Phone,
            "mobile" => Generator::Mobile,
            "phonedigits" => Generator::PhoneDigits,
            "title" => Generator::Title,
            "firm" | "name" => Generator::Firm,
            "domain" => Generator::Domain,
            "website" => Generator::Website,
            "street" => Generator::Street,
            "city" => Generator::City,
            "zip" => Generator::Zip,
            "country" => Generator::Country,
            "cc" => Generator::CountryCode,
            "currency" => Generator::Currency,
            "lang" => Generator::Language,
            "handle" => Generator::Handle,
            "opt" => Generator::OneOption,
            "opts" => Generator::SomeOptions,
            "int" => Generator::Int(range().0, range().1),
            "money" => Generator::Money(range().0, range().1),
            "dec" => Generator::Decimal(range().0, range().1),
            "amount" => Generator::Amount,
            "bool" => Generator::Bool(rest.parse().expect("per mille")),
            "date" => Generator::Date(numbers().0, numbers().1),
            "created" => Generator::Created,
            "modified" => Generator::Modified,
            "between" => Generator::Between,
            "ahead" => Generator::Ahead,
            "closedate" => Generator::CloseDate,
            "id" => Generator::Id,
            "owner" => Generator::Owner,
            "team" => Generator::Team,
            "user" => Generator::User,
            "userref" => Generator::UserRef,
            "pipeline" => Generator::Pipeline,
            "stage" => Generator::Stage,
            "probability" => Generator::Probability,
            "closed" if property.ends_with("_won") => Generator::Closed(Outcome::Won),
            "closed" if property.ends_with("_lost") => Generator::Closed(Outcome::Lost),
            "closed" => Generator::Closed(Outcome::Either),
            "text" if rest == "note" => Generator::Note,
            "text" if rest == "message" => Generator::Message,
            "text" => Generator::Pool(
                pools().iter().position(|(name, _)| *name == rest).expect("a pool of that name"),
            ),
            "html" => Generator::Html,
            "headers" => Generator::Headers,
            "mailname" if property.ends_with("firstname") => Generator::MailName(NamePart::Given),
            "mailname" if property.ends_with("lastname") => Generator::MailName(NamePart::Family),
            "mailname" => Generator::MailName(NamePart::Address),
            "staff" => Generator::Staff(match rest {
                "email" => StaffPart::Address,
                "given" => StaffPart::Given,
                "family" => StaffPart::Family,
                _ => StaffPart::User,
            }),
            "dealname" => Generator::DealName,
            "productname" => Generator::ProductName,
            "product" => Generator::Product,
            "const" => Generator::Const(rest),
            "guid" => Generator::Guid,
            "url" => Generator::Url(rest),
            "token" => Generator::Token(rest.parse().expect("a length")),
            "number" => Generator::Number(rest),
            "main" => Generator::Main(kind()),
            "count" => Generator::Count(kind()),
            other => unreachable!("{property} holds {other}"),
        }
    }

    /// Whether a value leans on the last-modified stamp.
    pub(crate) fn is_stamp(&self) -> bool {
        matches!(self, Generator::Modified | Generator::Created)
    }
}
