"""Brings customers from spreadsheets into the CRM."""

from crm.importer import import_customers
from crm.model import Customer, NotACustomerFile, Rejected, Result

__all__ = ["Customer", "NotACustomerFile", "Rejected", "Result", "import_customers"]
