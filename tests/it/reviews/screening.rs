use proptest::prelude::*;
use reviews::domain::{
    HoldReason::{self, Link, PhoneNumber, Profanity, Repetition, Shouting, Spam},
    screening::{screen, screen_response},
};

// T-REV-R; requirements 1.15 "Indonesian toxicity/spam heuristics"
#[test]
fn what_a_moderator_should_look_at_is_found() {
    let cases: [(&str, &[HoldReason]); 44] = [
        ("WA 081234567890", &[PhoneNumber]),
        ("hub: 0812-3456-7890 ya", &[PhoneNumber]),
        ("0812 345 6789", &[PhoneNumber]),
        ("+62 812 3456 7890", &[PhoneNumber]),
        ("(0812) 3456.7890", &[PhoneNumber]),
        ("o8123456789o", &[PhoneNumber]),
        ("harga 500.000 hubungi 0812 3456 7890", &[PhoneNumber]),
        ("0 8 1 2 3 4 5 6 7 8 9", &[PhoneNumber]),
        (
            "nol delapan satu dua tiga empat lima enam tujuh",
            &[PhoneNumber],
        ),
        ("628123456789", &[PhoneNumber]),
        ("lihat https://contoh.example/a", &[Link]),
        ("buka www.contoh.example", &[Link]),
        ("TokoSaya.com", &[Link]),
        ("(tokosaya.co.id)", &[Link]),
        ("wa.me/62x", &[Link]),
        ("t.me/grup", &[Link]),
        ("bit.ly/abc", &[Link]),
        ("kirim ke saya@contoh.com.", &[Link]),
        ("tokosaya dot com", &[Link]),
        ("tokosaya titik id", &[Link]),
        ("penjual tolol", &[Profanity]),
        ("TOLOL!", &[Profanity]),
        ("t0l0l", &[Profanity]),
        ("b@ngsat", &[Profanity]),
        ("b4ngs4t kau", &[Profanity]),
        ("gobloookk", &[Profanity]),
        ("gobloknya minta ampun", &[Profanity]),
        ("t o l o l", &[Profanity]),
        ("dasar anjing", &[Profanity]),
        ("what a shit", &[Profanity]),
        ("main di slot gacor yuk", &[Spam]),
        ("SLOT  GACOR", &[Spam]),
        ("pinjaman online cepat", &[Spam]),
        ("judi", &[Spam]),
        ("BARANG INI SANGAT BAGUS SEKALI MANTAP", &[Shouting]),
        ("JANGAN BELI DI SINI, BARANG RUSAK SEMUA", &[Shouting]),
        ("bagusssssssss", &[Repetition]),
        ("BAGUSSsSsSSS", &[Repetition]),
        ("mantap!!!!!!!!", &[Repetition]),
        ("bagus bagus bagus bagus bagus", &[Repetition]),
        ("bagus, Bagus. BAGUS bagus bagus", &[Repetition]),
        ("tolol, cek www.judi.com", &[Link, Profanity, Spam]),
        ("judi 081234567890", &[PhoneNumber, Spam]),
        (
            "TOLOL TOLOL TOLOL TOLOL TOLOL TOLOL",
            &[Profanity, Shouting, Repetition],
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(screen("", text), expected, "{text}");
        assert_eq!(screen(text, ""), expected, "as a title: {text}");
    }
}

#[test]
fn ordinary_reviews_pass() {
    for text in [
        "Mantap gan",
        "Ok",
        "Joss!!!",
        "Bagusss bangettt, makasih kak",
        "Bagus bagus bagus",
        "BAGUS BANGET",
        "Makanan anjing ini disukai anjing saya, kucing juga.",
        "Burung saya jadi gacor setelah makan ini",
        "Slot memorinya pas, ukuran 32 GB",
        "Harga Rp1.250.000, sebelumnya Rp 1.500.000, hemat 250.000",
        "Beli 2, datang tanggal 08-01-2026 jam 10.30",
        "Pesan 12 buah, ukuran 38 39 40 41 42 43 44, cocok semua",
        "Kode produk 8991234567890",
        "Beratnya 0.5 kg, bukan 1 kg. Kecewa.",
        "Barang bagus.Pengiriman cepat.Recommended",
        "Sudah dicuci 2x.ok.mantap.top",
        "Beli satu, dua, tiga kali, selalu puas",
        "@5000 per biji, murah",
        "Bahan/jahitan oke. dll.",
        "Tolong dikirim yang benar, jangan asal",
        "Laptop ASUS ini kencang",
        "👍👍👍👍👍👍👍👍👍👍",
        "~~~~~~~~~~",
        "La la la la",
    ] {
        assert_eq!(screen("", text), [], "{text}");
    }
}

#[test]
fn a_response_may_be_loud_but_not_advertise() {
    assert_eq!(
        screen_response("TERIMA KASIH BANYAK KAK SUDAH BELANJA DI TOKO KAMI!!!!!!!!!"),
        []
    );
    assert_eq!(screen_response("WA 081234567890"), [PhoneNumber]);
}

proptest! {
    #[test]
    fn no_text_makes_the_screening_panic(title in ".*", body in ".{0,200}") {
        drop(screen(&title, &body));
        drop(screen_response(&body));
    }

    #[test]
    fn a_phone_number_is_found_wherever_it_stands(
        before in "[a-z ,!]{0,20}", digits in "08[1-9][0-9]{7,9}", after in "[a-z ,!]{0,20}",
    ) {
        let found = screen("", &format!("{before} {digits} {after}"));
        prop_assert!(found.contains(&PhoneNumber));
    }
}
