"""The largest values that the service accepts, chosen so that no sum of them can overflow a bigint.

A line is at most 10^4 x 10^8 = 10^12 cents and an order at most 10^14, so 92,000 full orders fit into a signed
64-bit sum, and an order's total stays exact in a JavaScript number (2^53, about 9 x 10^15).
"""

MAX_QUANTITY = 10_000
MAX_UNIT_PRICE_CENTS = 100_000_000
MAX_TOTAL_CENTS = 100_000_000_000_000
MAX_ITEMS_PER_REQUEST = 100

PAGE_SIZE = 20
MAX_PAGE_SIZE = 100
# A list is counted so far, which takes milliseconds; a page beyond has a number all the same.
MAX_COUNT = 10_000
INT64_MAX = 2**63 - 1
SUMMARY_LIMIT = 50
MAX_SUMMARY_LIMIT = 500

# 500 x 20 x 10 is 100,000 lines: seconds of work and tens of megabytes, never more.
MAX_SEED_CUSTOMERS = 500
MAX_SEED_ORDERS_PER_CUSTOMER = 20
MAX_SEED_ITEMS_PER_ORDER = 10
