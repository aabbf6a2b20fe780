"""The tests we have."""

import datetime

from crm import Customer, import_customers


def imported(text):
    return import_customers(text.encode("utf-8"))


def test_our_own_export_is_imported():
    result = imported("email,name,customer since,revenue\nada@example.com,Ada,2024-03-05,12.50\n")
    assert result.customers == [Customer("ada@example.com", "Ada", datetime.date(2024, 3, 5), 1250)]
    assert (result.rejected, result.merged) == ([], 0)


def test_customers_come_in_the_order_of_the_file():
    result = imported("email,name,customer since,revenue\nb@example.com,B,2024-03-05,1\na@example.com,A,2024-03-05,2\n")
    assert [customer.email for customer in result.customers] == ["b@example.com", "a@example.com"]


def test_an_address_without_an_at_is_rejected():
    (rejected,) = imported("email,name,customer since,revenue\nnobody,Ada,2024-03-05,12.50\n").rejected
    assert (rejected.line, rejected.column, rejected.value) == (2, "email", "nobody")
