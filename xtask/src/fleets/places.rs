//! Places and their people. Populations are censuses' counts in thousands as remembered (United States 2020, Canada 2021,
//! England and Wales 2021, Scotland 2022, Northern Ireland 2021, Italy 2022; metropolitan areas and counties likewise): good
//! enough to share out stores, and nothing else is made of them. A place's centre is that of its largest city.

/// Somewhere stores are.
pub(super) struct Place {
    pub(super) region: &'static str,
    /// People, thousands.
    pub(super) thousands: u32,
    pub(super) market: &'static str,
    pub(super) timezone: &'static str,
    pub(super) lat: f64,
    pub(super) lon: f64,
}

const fn place(
    region: &'static str,
    thousands: u32,
    market: &'static str,
    timezone: &'static str,
    lat: f64,
    lon: f64,
) -> Place {
    Place { region, thousands, market, timezone, lat, lon }
}

/// The states, each with the clock of most of its people.
pub(super) const AMERICA: &[Place] = &[
    place("AL", 5_024, "Birmingham", "America/Chicago", 33.52, -86.8),
    place("AK", 733, "Anchorage", "America/Anchorage", 61.22, -149.9),
    place("AZ", 7_152, "Phoenix", "America/Phoenix", 33.45, -112.07),
    place("AR", 3_012, "Little Rock", "America/Chicago", 34.75, -92.29),
    place("CA", 39_538, "Los Angeles", "America/Los_Angeles", 34.05, -118.24),
    place("CO", 5_774, "Denver", "America/Denver", 39.74, -104.99),
    place("CT", 3_606, "Hartford", "America/New_York", 41.76, -72.68),
    place("DE", 990, "Wilmington", "America/New_York", 39.74, -75.55),
    place("DC", 690, "Washington", "America/New_York", 38.91, -77.04),
    place("FL", 21_538, "Orlando", "America/New_York", 28.54, -81.38),
    place("GA", 10_712, "Atlanta", "America/New_York", 33.75, -84.39),
    place("HI", 1_455, "Honolulu", "Pacific/Honolulu", 21.31, -157.86),
    place("ID", 1_839, "Boise", "America/Boise", 43.62, -116.2),
    place("IL", 12_813, "Chicago", "America/Chicago", 41.88, -87.63),
    place("IN", 6_786, "Indianapolis", "America/Indiana/Indianapolis", 39.77, -86.16),
    place("IA", 3_190, "Des Moines", "America/Chicago", 41.59, -93.62),
    place("KS", 2_938, "Wichita", "America/Chicago", 37.69, -97.34),
    place("KY", 4_506, "Louisville", "America/Kentucky/Louisville", 38.25, -85.76),
    place("LA", 4_658, "New Orleans", "America/Chicago", 29.95, -90.07),
    place("ME", 1_362, "Portland", "America/New_York", 43.66, -70.26),
    place("MD", 6_177, "Baltimore", "America/New_York", 39.29, -76.61),
    place("MA", 7_030, "Boston", "America/New_York", 42.36, -71.06),
    place("MI", 10_077, "Detroit", "America/Detroit", 42.33, -83.05),
    place("MN", 5_706, "Minneapolis", "America/Chicago", 44.98, -93.27),
    place("MS", 2_961, "Jackson", "America/Chicago", 32.3, -90.18),
    place("MO", 6_155, "St Louis", "America/Chicago", 38.63, -90.2),
    place("MT", 1_084, "Billings", "America/Denver", 45.78, -108.5),
    place("NE", 1_962, "Omaha", "America/Chicago", 41.26, -95.94),
    place("NV", 3_105, "Las Vegas", "America/Los_Angeles", 36.17, -115.14),
    place("NH", 1_378, "Manchester", "America/New_York", 42.99, -71.45),
    place("NJ", 9_289, "Newark", "America/New_York", 40.74, -74.17),
    place("NM", 2_118, "Albuquerque", "America/Denver", 35.08, -106.65),
    place("NY", 20_201, "New York", "America/New_York", 40.71, -74.01),
    place("NC", 10_439, "Charlotte", "America/New_York", 35.23, -80.84),
    place("ND", 779, "Fargo", "America/Chicago", 46.88, -96.79),
    place("OH", 11_799, "Columbus", "America/New_York", 39.96, -83.0),
    place("OK", 3_959, "Oklahoma City", "America/Chicago", 35.47, -97.52),
    place("OR", 4_237, "Portland", "America/Los_Angeles", 45.52, -122.68),
    place("PA", 13_003, "Philadelphia", "America/New_York", 39.95, -75.17),
    place("RI", 1_097, "Providence", "America/New_York", 41.82, -71.41),
    place("SC", 5_118, "Columbia", "America/New_York", 34.0, -81.03),
    place("SD", 887, "Sioux Falls", "America/Chicago", 43.54, -96.73),
    place("TN", 6_911, "Nashville", "America/Chicago", 36.16, -86.78),
    place("TX", 29_146, "Dallas", "America/Chicago", 32.78, -96.8),
    place("UT", 3_272, "Salt Lake City", "America/Denver", 40.76, -111.89),
    place("VT", 643, "Burlington", "America/New_York", 44.48, -73.21),
    place("VA", 8_631, "Richmond", "America/New_York", 37.54, -77.44),
    place("WA", 7_705, "Seattle", "America/Los_Angeles", 47.61, -122.33),
    place("WV", 1_794, "Charleston", "America/New_York", 38.35, -81.63),
    place("WI", 5_894, "Milwaukee", "America/Chicago", 43.04, -87.91),
    place("WY", 577, "Cheyenne", "America/Denver", 41.14, -104.82),
];

/// The provinces.
pub(super) const CANADA: &[Place] = &[
    place("ON", 14_224, "Toronto", "America/Toronto", 43.65, -79.38),
    place("QC", 8_502, "Montreal", "America/Toronto", 45.5, -73.57),
    place("BC", 5_001, "Vancouver", "America/Vancouver", 49.28, -123.12),
    place("AB", 4_263, "Calgary", "America/Edmonton", 51.05, -114.07),
    place("MB", 1_342, "Winnipeg", "America/Winnipeg", 49.9, -97.14),
    place("SK", 1_133, "Saskatoon", "America/Regina", 52.13, -106.67),
    place("NS", 969, "Halifax", "America/Halifax", 44.65, -63.58),
    place("NB", 776, "Moncton", "America/Moncton", 46.09, -64.77),
    place("NL", 511, "St Johns", "America/St_Johns", 47.56, -52.71),
    place("PE", 154, "Charlottetown", "America/Halifax", 46.24, -63.13),
];

/// Nations and English regions.
pub(super) const BRITAIN: &[Place] = &[
    place("London", 8_799, "London", "Europe/London", 51.51, -0.13),
    place("South East", 9_278, "Reading", "Europe/London", 51.45, -0.97),
    place("North West", 7_417, "Manchester", "Europe/London", 53.48, -2.24),
    place("East", 6_335, "Cambridge", "Europe/London", 52.21, 0.12),
    place("West Midlands", 5_950, "Birmingham", "Europe/London", 52.48, -1.9),
    place("South West", 5_701, "Bristol", "Europe/London", 51.45, -2.59),
    place("Yorkshire", 5_481, "Leeds", "Europe/London", 53.8, -1.55),
    place("East Midlands", 4_880, "Nottingham", "Europe/London", 52.95, -1.15),
    place("North East", 2_647, "Newcastle", "Europe/London", 54.98, -1.61),
    place("Scotland", 5_440, "Glasgow", "Europe/London", 55.86, -4.25),
    place("Wales", 3_108, "Cardiff", "Europe/London", 51.48, -3.18),
    place("Northern Ireland", 1_903, "Belfast", "Europe/London", 54.6, -5.93),
];

/// The regions.
pub(super) const ITALY: &[Place] = &[
    place("Lombardia", 9_976, "Milano", "Europe/Rome", 45.46, 9.19),
    place("Lazio", 5_720, "Roma", "Europe/Rome", 41.9, 12.5),
    place("Campania", 5_609, "Napoli", "Europe/Rome", 40.85, 14.27),
    place("Veneto", 4_849, "Venezia", "Europe/Rome", 45.44, 12.32),
    place("Sicilia", 4_814, "Palermo", "Europe/Rome", 38.12, 13.36),
    place("Emilia-Romagna", 4_437, "Bologna", "Europe/Rome", 44.49, 11.34),
    place("Piemonte", 4_252, "Torino", "Europe/Rome", 45.07, 7.69),
    place("Puglia", 3_907, "Bari", "Europe/Rome", 41.12, 16.87),
    place("Toscana", 3_662, "Firenze", "Europe/Rome", 43.77, 11.26),
    place("Calabria", 1_846, "Reggio", "Europe/Rome", 38.11, 15.65),
    place("Sardegna", 1_578, "Cagliari", "Europe/Rome", 39.22, 9.12),
    place("Liguria", 1_507, "Genova", "Europe/Rome", 44.41, 8.93),
    place("Marche", 1_484, "Ancona", "Europe/Rome", 43.62, 13.52),
    place("Abruzzo", 1_273, "Pescara", "Europe/Rome", 42.46, 14.22),
    place("Friuli-Venezia Giulia", 1_195, "Trieste", "Europe/Rome", 45.65, 13.78),
    place("Trentino-Alto Adige", 1_077, "Trento", "Europe/Rome", 46.07, 11.12),
    place("Umbria", 856, "Perugia", "Europe/Rome", 43.11, 12.39),
    place("Basilicata", 537, "Potenza", "Europe/Rome", 40.64, 15.8),
    place("Molise", 290, "Campobasso", "Europe/Rome", 41.56, 14.66),
    place("Valle d'Aosta", 123, "Aosta", "Europe/Rome", 45.74, 7.32),
];

/// Metropolitan areas of Tennessee and its neighbours: those that the Nashville explosion reached, and some that it did not.
pub(super) const TENNESSEE: &[Place] = &[
    place("TN", 2_014, "Nashville", "America/Chicago", 36.16, -86.78),
    place("TN", 1_337, "Memphis", "America/Chicago", 35.15, -90.05),
    place("TN", 880, "Knoxville", "America/New_York", 35.96, -83.92),
    place("TN", 562, "Chattanooga", "America/New_York", 35.05, -85.31),
    place("TN", 220, "Clarksville", "America/Chicago", 36.53, -87.36),
    place("KY", 180, "Bowling Green", "America/Chicago", 36.99, -86.44),
    place("KY", 1_286, "Louisville", "America/Kentucky/Louisville", 38.25, -85.76),
    place("AL", 492, "Huntsville", "America/Chicago", 34.73, -86.59),
    place("AL", 1_115, "Birmingham", "America/Chicago", 33.52, -86.8),
];

/// Northern Arizona by county seat, and the north of Phoenix, where the cut was.
pub(super) const ARIZONA: &[Place] = &[
    place("AZ", 145, "Flagstaff", "America/Phoenix", 35.2, -111.65),
    place("AZ", 236, "Prescott", "America/Phoenix", 34.54, -112.47),
    place("AZ", 60, "Verde Valley", "America/Phoenix", 34.74, -112.01),
    place("AZ", 110, "Navajo County", "America/Phoenix", 34.9, -110.16),
    place("AZ", 300, "North Phoenix", "America/Phoenix", 33.8, -112.13),
];
