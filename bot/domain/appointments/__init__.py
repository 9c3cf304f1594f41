"""Without these rules two people would stand at the same hour before the same officer.

`service` says what can be booked, `slots` when, `booking` what may become of it, `reminders` who is
reminded, `guests` how somebody without Telegram is booked for, `codes` how they name the booking,
`displaced` whom a change concerns;
`refusals` are the facts that stand against something.
"""
