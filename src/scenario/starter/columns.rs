//! Which column of a fleet file holds what, by what it is called.

use crate::scenario::sections::fleet::{ATTRIBUTES, Attribute};

/// What columns are called, besides their own keys, in small letters with `_` between words; the most telling first.
const NAMES: &[(Attribute, &[&str])] = &[
    (
        Attribute::Id,
        &[
            "store_id",
            "store_number",
            "store_no",
            "store_nbr",
            "store_num",
            "site_id",
            "location_id",
            "location_number",
            "branch_id",
            "branch",
            "outlet_id",
            "shop_id",
            "store_code",
            "site_code",
            "store",
            "number",
            "no",
            "code",
            "name",
            "store_name",
        ],
    ),
    (
        Attribute::Format,
        &["store_format", "banner", "store_type", "concept", "brand", "type", "category", "class"],
    ),
    (Attribute::Region, &["state", "province", "state_code", "st", "region_name", "county"]),
    (
        Attribute::Market,
        &["metro", "metro_area", "dma", "msa", "cbsa", "market_name", "county_fips", "city", "district"],
    ),
    (Attribute::Timezone, &["time_zone", "tz", "tzid", "iana_timezone", "olson", "zone"]),
    (Attribute::Lat, &["latitude", "y", "gps_lat", "geo_lat"]),
    (Attribute::Lon, &["longitude", "lng", "long", "x", "gps_lon", "geo_lon", "gps_lng"]),
    (
        Attribute::Technology,
        &[
            "access",
            "access_type",
            "access_technology",
            "wan_type",
            "circuit_type",
            "connection",
            "circuit",
            "primary_access",
        ],
    ),
    (
        Attribute::Provider,
        &["isp", "wan_provider", "primary_provider", "telco", "carrier_wan", "internet_provider", "vendor"],
    ),
    (
        Attribute::Carrier,
        &[
            "mobile_carrier",
            "lte_carrier",
            "cellular_carrier",
            "wireless_carrier",
            "cell_carrier",
            "backup_carrier",
            "mobile",
            "mno",
        ],
    ),
    (Attribute::Signal, &["sinr", "snr", "signal_db", "lte_signal", "sinr_db", "signal_strength"]),
    (Attribute::SecondCarrier, &["second_carrier", "carrier_2", "sim2", "sim_2", "secondary_carrier"]),
    (Attribute::SecondSignal, &["second_signal", "signal_2", "sinr2", "sinr_2"]),
    (Attribute::Modem, &["modem_category", "lte_category", "ue_category"]),
    (Attribute::Plan, &["data_plan", "lte_plan", "rate_plan"]),
    (
        Attribute::Lanes,
        &[
            "registers",
            "register_count",
            "register",
            "cash_registers",
            "tills",
            "checkouts",
            "pos_count",
            "lane_count",
            "number_of_lanes",
            "staffed_lanes",
            "pos",
        ],
    ),
    (Attribute::SelfCheckouts, &["sco", "self_checkout", "selfcheckout", "sco_count", "self_checkout_count"]),
    (
        Attribute::AnnualSales,
        &["sales", "revenue", "yearly_sales", "annual_revenue", "turnover", "sales_per_year", "net_sales"],
    ),
    (Attribute::Opens, &["open", "opening", "opening_time", "open_time", "hours_open"]),
    (Attribute::Closes, &["close", "closing", "closing_time", "close_time", "hours_close"]),
    (Attribute::Profile, &["failover_profile", "router", "router_model", "edge_router"]),
    (
        Attribute::Topology,
        &["backup", "backup_topology", "backup_type", "failover", "redundancy", "wan_backup"],
    ),
    (Attribute::Standby, &["standby_state", "backup_state", "modem_state"]),
    (Attribute::Site, &["mall", "mall_name", "centre", "center", "shopping_center", "plaza", "site_name"]),
    (Attribute::Ups, &["ups_minutes", "battery", "battery_minutes"]),
    (Attribute::Generator, &["genset", "standby_generator"]),
    (Attribute::Oobm, &["oob", "out_of_band", "console_server"]),
    (Attribute::OobmCarrier, &["oob_carrier"]),
    (Attribute::ConsolePorts, &["ports", "console_port_count"]),
    (Attribute::Outlets, &["pdu_outlets", "switched_outlets"]),
    (Attribute::BackupTest, &["backup_test_days", "failover_test_days", "test_interval_days"]),
    (Attribute::OfflineFloor, &["offline_limit", "floor_limit", "store_and_forward_limit"]),
    (Attribute::LteBlock, &["lte_blocked", "blocked_on_lte"]),
];

/// For each attribute that seems to have a column, its position in `header`. No column stands for two, and no two columns have a
/// name in common: of those the first is meant.
pub fn guess(header: &[&str]) -> Vec<(Attribute, usize)> {
    let plain: Vec<String> = header.iter().map(|name| plain(name)).collect();
    let first = |position: usize| header.iter().position(|name| *name == header[position]) == Some(position);
    let mut taken = vec![false; header.len()];
    let mut guessed: Vec<(Attribute, usize)> = Vec::new();
    // What is called exactly so comes before what is called so among other words.
    type Fits = fn(&str, &str) -> bool;
    let same: Fits = |column, name| column == name;
    let among: Fits =
        |column, name| name.len() > 2 && name.split('_').all(|word| column.split('_').any(|own| own == word));
    for fits in [same, among] {
        for &(attribute, key, _) in ATTRIBUTES {
            if guessed.iter().any(|(known, _)| *known == attribute) {
                continue;
            }
            let others =
                NAMES.iter().find(|(known, _)| *known == attribute).map_or(&[][..], |(_, names)| names);
            let position = std::iter::once(&key).chain(others).find_map(|name| {
                (0..header.len())
                    .find(|&at| !taken[at] && first(at) && !header[at].is_empty() && fits(&plain[at], name))
            });
            if let Some(position) = position {
                taken[position] = true;
                guessed.push((attribute, position));
            }
        }
    }
    guessed
}

/// Small letters and digits, with `_` for everything between.
pub fn plain(name: &str) -> String {
    let mut plain = String::new();
    for character in name.chars() {
        if character.is_alphanumeric() {
            plain.extend(character.to_lowercase());
        } else if !plain.ends_with('_') && !plain.is_empty() {
            plain.push('_');
        }
    }
    plain.trim_end_matches('_').to_owned()
}

/// A format of the catalogue that stores of this word may be like, and whether the word says so.
pub fn like(word: &str, known: &[String]) -> (String, bool) {
    const TELLING: &[(&str, &str)] = &[
        ("kiosk", "kiosk"),
        ("super", "supercenter"),
        ("hyper", "supercenter"),
        ("groc", "grocery"),
        ("food", "grocery"),
        ("fresh", "grocery"),
        ("neighborhood", "grocery"),
        ("pharm", "pharmacy"),
        ("drug", "pharmacy"),
        ("conven", "convenience"),
        ("fuel", "convenience"),
        ("gas", "convenience"),
        ("express", "convenience"),
        ("mall", "mall_specialty"),
        ("special", "mall_specialty"),
        ("apparel", "mall_specialty"),
        ("outlet", "mall_specialty"),
        ("boutique", "mall_specialty"),
        ("electr", "electronics"),
        ("tech", "electronics"),
        ("discount", "discount"),
        ("dollar", "discount"),
        ("market", "grocery"),
        ("box", "big_box"),
        ("department", "big_box"),
        ("warehouse", "big_box"),
        ("club", "big_box"),
    ];
    let lower = plain(word);
    if let Some(same) = known.iter().find(|name| **name == lower) {
        return (same.clone(), true);
    }
    let telling =
        TELLING.iter().find(|(part, format)| lower.contains(part) && known.iter().any(|name| name == format));
    match telling {
        Some((_, format)) => ((*format).to_owned(), true),
        None => (USUAL_FORMAT.to_owned(), false),
    }
}

/// What stores are taken for of which nothing is known.
pub const USUAL_FORMAT: &str = "big_box";

#[cfg(test)]
mod tests {
    use super::*;

    fn named<'h>(header: &[&'h str]) -> Vec<(&'static str, &'h str)> {
        let key = |attribute| {
            ATTRIBUTES.iter().find(|(known, _, _)| *known == attribute).map_or("", |(_, key, _)| key)
        };
        guess(header).into_iter().map(|(attribute, at)| (key(attribute), header[at])).collect()
    }

    #[test]
    fn columns_are_known_by_what_people_call_them() {
        let header =
            ["Store #", "STORE NUMBER", "Banner", "St", "Latitude", "Lng", "Time Zone", "No. of registers"];
        let found = named(&header);
        for pair in [
            ("id", "STORE NUMBER"),
            ("format", "Banner"),
            ("region", "St"),
            ("lat", "Latitude"),
            ("lon", "Lng"),
            ("timezone", "Time Zone"),
        ] {
            assert!(found.contains(&pair), "{pair:?} in {found:?}");
        }
        assert!(found.contains(&("lanes", "No. of registers")), "{found:?}");
    }

    #[test]
    fn the_exact_name_comes_first_and_no_column_is_two_things() {
        assert_eq!(named(&["city", "market", "id"]), [("id", "id"), ("market", "market")]);
        assert_eq!(named(&["store", "store_id"])[0], ("id", "store_id"));
        assert_eq!(named(&["", "  ", "id", "id"]), [("id", "id")]);
    }

    #[test]
    fn formats_are_like_what_they_are_called() {
        let known = ["big_box", "grocery", "mall_specialty"].map(str::to_owned);
        assert_eq!(like("Grocery", &known), ("grocery".to_owned(), true));
        assert_eq!(like("Fresh Food 24", &known), ("grocery".to_owned(), true));
        assert_eq!(like("Kiosk", &known), ("big_box".to_owned(), false));
    }
}
