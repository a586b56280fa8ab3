"""Time and law: due dates, holds, reviews, orders, destruction, transfer. Knows no HTTP."""
