// Made-up people and companies. Every domain is reserved for examples; no name is meant to be anyone.
export const FIRST = (
  "Aino Åsa Adaeze Agnieszka Akira Amélie Anaïs Andrzej Anneke Antônio Ayşe Beatriz Bronwen Çağla Chiara Daan Dagmar Dmytro Eoghan Élodie Elif " +
  "Emre Esi Fatima Félix Femke Florin Freya Giulia Gonçalo Gwen Hana Haruto Hrefna Ingrid Ines Iva Jakub Javier Jelena João Jürgen Kaja Kamala " +
  "Kateryna Kenji Kim Kofi Lars Laszlo Leila Lena Łukasz Luca Mads Maeve Mbali Mei Milan Mireia Mohammed Nadia Niamh Noor Nuria Ondřej Oluwaseun " +
  "Oscar Paolo Petra Priya Quentin Rafael Ravi Réka Rosa Ruth Sadia Sanne Sara Sébastien Sigrún Sofia Søren Svetlana Takumi Tamsin Tereza Thandiwe " +
  "Théo Tomás Ulrika Vasilis Viktor Wanjiru Wiktoria Xiomara Yara Yuki Zeynep Zoë Дмитро Олена Μαρία Νίκος"
).split(" ");
export const LAST = (
  "Adeyemi Almeida Andersen Aydın Bakker Bianchi Boateng Bystrický Carvalho Castellanos Coppola D'Amico Dahl Delacroix Demir Dietrich Dupont Eriksson " +
  "Farouk Fernández Ferreira Fischer Fontaine Gallagher García Grünwald Gulbrandsen Haddad Halvorsen Hashimoto Hernández Hofmann Horváth Ibrahim " +
  "Ivanov Jansen Jónsdóttir Kamau Karlsson Kaya Keller Kovács Kowalczyk Köhler Korhonen Kucera Lindqvist Lopes MacLeod Malý Marchand Mbeki Mendes " +
  "Mikkelsen Moreau Mwangi Nagy Nakamura Nguyễn Nkosi Novák Nowak Nyström O'Sullivan Okafor Oliveira Østergaard Özdemir Papadopoulos Patel Pereira " +
  "Petrov Rasmussen Ricci Romano Roux Saarinen Sánchez Sato Schneider Şahin Silva Skarsgård Sørensen Suzuki Szabó Takahashi Tanaka Tremblay Vâlcan " +
  "van-Dijk Vasquez Virtanen Watanabe Weber Wiśniewski Yamamoto Yıldız Zhang Zimmermann Коваленко Παπαδόπουλος"
)
  .split(" ")
  .map((name) => name.replace("-", " "));
const NORTH = "Atelier Kordon Norrsken Kestrel Radwerk Pedalada Vélos Ciclo Södervåg Havne Orion Polar Quill Lantern Juniper Harbour Tessel Bracken Umber Willow Saffron Copper Meridian Alder Hollow Cinder Marlow Fenwick Larkspur Thistle".split(" ");
const TRADE = "Cycles Freight Analytics Foods Timber Instruments Textiles Robotics Ceramics Logistics Optics Paper Outdoors Energy Interiors Print Seeds Marine Studios Clinics".split(" ");
const FORM = ["AB", "GmbH", "Lda.", "Oy", "S.r.l.", "SAS", "ApS", "Ltd", "Inc.", "株式会社", "s.r.o.", "A.Ş."];
export const COMPANIES: string[] = NORTH.flatMap((a) => TRADE.flatMap((b) => FORM.map((c) => `${a} ${b} ${c}`)));
export const OWNERS = ["Kaja Dietrich", "Ines Ferreira Lopes", "Tomás Oliveira", "Priya Nair", "Eoghan Ó Súilleabháin", "Wanjiru Kamau", "Yuki Hashimoto"];
export const STAGES = ["Subscriber", "Lead", "Marketing qualified lead", "Opportunity", "Customer", "Evangelist"];
export const DEAL_STAGES = ["Appointment scheduled", "Presentation", "Contract sent", "Negotiation", "Closed won", "Closed lost"];
export const DEAL_WORDS = ["Fleet renewal", "Enterprise", "Rollout", "Upgrade", "Pilot", "Framework contract", "Spring order", "Support plan", "Expansion"];
export const JOBS = ["Head of Purchasing", "VP of Engineering", "Directrice des achats", "Einkaufsleiterin", "Operations Manager", "Founder", "CTO", "Finance Lead", "Warehouse Manager", "Marketing Manager"];
export const CITIES = ["Oslo", "Lyon", "München", "Łódź", "İzmir", "Porto", "Göteborg", "Nairobi", "Kyoto", "Galway", "Brno", "Αθήνα"];
export const SUBJECTS = ["Asked for pricing", "Sent the offer", "Demo booked", "Frame sizes clarified", "Wants a call in spring", "Delivery moved by a week", "Introduced to the new buyer", "Contract questions answered"];
