"""What is in their files, and what we want of it."""

import datetime

import pytest

from crm import Customer, NotACustomerFile, Rejected, import_customers

HEADER = "email;name;since;revenue\n"


def imported(text, encoding="utf-8"):
    return import_customers(text.encode(encoding))


def revenue_of(text):
    """The cents that a cell means; None where the row was rejected for it."""
    result = imported(f'{HEADER}a@b.example;A;;"{text}"\n')
    if result.rejected:
        assert [(row.line, row.column) for row in result.rejected] == [(2, "revenue")]
        return None
    return result.customers[0].revenue_cents


def test_every_encoding_is_read():
    text = "E-Mail;Name\nu@hoefer.example;Bäckerei Höfer – €\n"
    for encoding in ("utf-8", "utf-8-sig", "cp1252"):
        (customer,) = imported(text, encoding).customers
        assert (customer.email, customer.name) == ("u@hoefer.example", "Bäckerei Höfer – €")


def test_both_separators_are_understood_and_quotes_are_kept_together():
    semicolons = 'email;name;revenue\na@b.example;"Müller; ""Meier"", Co";"1,50"\n'
    commas = 'email,name,revenue\na@b.example,"Müller; ""Meier"", Co","1,50"\n'
    for text in (semicolons, commas, commas.replace("\n", "\r\n")):
        assert imported(text).customers == [Customer("a@b.example", 'Müller; "Meier", Co', None, 150)]


def test_headers_come_in_any_order_case_and_wording():
    expected = [Customer("a@b.example", "Ada", datetime.date(2024, 3, 5), 700)]
    assert imported("Turnover;Notes; SIGNED UP ;Company;E-Mail Address\n7;x;2024-03-05;Ada;a@b.example\n").customers == expected
    assert imported("customer,Customer Since,REVENUE,e-mail\nAda,2024-03-05,7,a@b.example\n").customers == expected
    assert imported("E-MAIL\na@b.example\n").customers == [Customer("a@b.example", "", None, 0)]


def test_a_file_without_addresses_is_no_customer_file():
    for text in ("name;revenue\nAda;7\n", "", "some text\n"):
        with pytest.raises(NotACustomerFile):
            imported(text)


def test_blank_rows_are_skipped_and_short_ones_filled():
    result = imported(f"{HEADER};;;\n\n  ; ;;\na@b.example\nc@d.example;Cem;\n")
    assert result.customers == [Customer("a@b.example", "", None, 0), Customer("c@d.example", "Cem", None, 0)]
    assert result.rejected == []


def test_addresses_are_cleaned_or_rejected():
    good = "".join(f"{text};;;\n" for text in (" Ada@Example.COM ", "x.y+z@mail.b.example"))
    bad = ["ada", "@b.example", "ada@", "ada@b", "ada@.example", "ada@b.", "a@b@c.example", "a da@b.example", ""]
    result = imported(HEADER + good + "".join(f"{text};X;;\n" for text in bad))
    assert [customer.email for customer in result.customers] == ["ada@example.com", "x.y+z@mail.b.example"]
    assert result.rejected == [Rejected(line, "email", text) for line, text in enumerate(bad, start=4)]


def test_dates_are_read_day_first_or_rejected():
    good = {
        "2024-03-05": datetime.date(2024, 3, 5),
        "05.03.2024": datetime.date(2024, 3, 5),
        "5/3/2024": datetime.date(2024, 3, 5),
        "29.02.2024": datetime.date(2024, 2, 29),
        "": None,
    }
    bad = ["31.02.2024", "2024-13-01", "5/30/2024", "March 2024", "05.03.24"]
    rows = [f"u{number}@b.example;;{text};\n" for number, text in enumerate([*good, *bad])]
    result = imported(HEADER + "".join(rows))
    assert [customer.since for customer in result.customers] == list(good.values())
    assert result.rejected == [Rejected(line, "since", text) for line, text in enumerate(bad, start=2 + len(good))]


def test_revenue_is_exact_in_both_ways_of_writing_it():
    expected = {
        "1.234,56": 123456, "1,234.56": 123456, "1234.5": 123450, "1234": 123400, "1.234.567": 123456700,
        "1,234,567.8": 123456780, "19,99 €": 1999, "EUR 7.700,00": 770000, "€ 1 234,00": 123400, "0,29": 29, "": 0,
        "1.15": 115, "90071992547409.93": 9007199254740993,
    }  # fmt: skip
    assert {text: revenue_of(text) for text in expected} == expected


def test_revenue_that_could_mean_two_things_or_nothing_is_rejected():
    unclear = ["1.234", "12,345", "1.23.456", "1.234,567", "1,5,0", "-5,00", "n/a", "12€34x", "1..2", "NaN", "1,234.", ",", "1e3"]
    assert {text: revenue_of(text) for text in unclear} == dict.fromkeys(unclear)


def test_the_same_address_is_one_customer():
    result = imported(
        HEADER + "b@b.example;First;01.02.2020;10\na@b.example;Ada;;1\nB@b.example;;03.01.2019;5,50\n"
        "b@b.example;Last;;0\nb@b.example;Wrong;01.01.2001;x\n"
    )
    assert result.customers == [
        Customer("b@b.example", "Last", datetime.date(2019, 1, 3), 1550),
        Customer("a@b.example", "Ada", None, 100),
    ]
    assert (result.merged, len(result.rejected)) == (2, 1)


def test_a_rejected_row_is_found_by_the_line_on_which_it_begins():
    result = imported(
        HEADER + '\na@b.example;"two\nlines";;\nc@d.example;"three\r\n\r\nlines";; 1.234 \nnobody;x;never;much\n'
    )
    assert [customer.name for customer in result.customers] == ["two lines"]
    assert result.rejected == [Rejected(5, "revenue", "1.234"), Rejected(8, "email", "nobody")]
