"""What customers of the demo shop wrote in English about their parcels."""

from __future__ import annotations

COMMENTS: dict[tuple[str, str], tuple[str, ...]] = {
    ("delivery", "bad"): (
        "The box was soaked on one side and the lamp inside had a dent. Nobody rang, I heard the van drive off.",
        "Driver left it with a neighbour I have never met. Took me two evenings to find the right door.",
        "Parcel thrown over the gate. I have it on the camera if you want to see it.",
        "It said 'delivered' at noon, it was in front of the house at nine in the evening.",
        "The shelf arrived without the second box. Half a shelf is not much use.",
        "I stayed at home the whole morning and then got a card saying I was out. I was not out.",
        "Rude on the phone when I asked where he was. I only wanted to open the gate.",
    ),
    ("delivery", "mid"): (
        "Came on the right day, but 'between 8 and 18' is not a time window.",
        "Everything there, the packaging had seen better days.",
        "Fine. The tracking stopped updating in the middle, so I was guessing.",
        "Good driver, heavy parcel, left on the ground floor. The order page said 'to your flat'.",
        "No complaint, nothing special either.",
        "Would have liked a message an hour before, like last time.",
    ),
    ("delivery", "good"): (
        "On time to the minute, and he carried it up to the fourth floor without being asked.",
        "Even out here at the end of the track it came when you said. That is rare.",
        "The driver phoned ahead because of the ferry. Thank you, that saved my day.",
        "Quick, careful, friendly. Took the old mattress cover along as well.",
        "Ordered on Monday, sitting on it on Wednesday.",
        "Well packed, no plastic, and the glass jars all in one piece.",
        "She waited while I got the dog inside. Small thing, but I noticed.",
        "Third time now and never a problem.",
    ),
    ("late", "bad"): (
        "Promised for Thursday, came the Tuesday after, and not a word in between.",
        "Four days late. It was a birthday present. The birthday is over.",
        "Your tracking said 'on its way' for five days. It was not on its way.",
        "I took a day off for this delivery. Twice.",
        "Late again, and each time I ask I get another date.",
        "Nobody could tell me where the cot was. The baby came before the cot did.",
        "The app moved the date on its own, every evening, by one day.",
        "I do not mind waiting. I mind being told 'tomorrow' four times.",
    ),
    ("late", "mid"): (
        "Two days late, but the driver was sorry and the thing is lovely.",
        "Late. At least somebody wrote to me before I had to ask.",
        "A day after the promise. Not a drama, but please promise the right day.",
    ),
    ("late", "good"): (
        "A day late because of the storm, and I was told in the morning. That is all I ask.",
        "Late, but you called, explained and refunded the delivery without my asking.",
    ),
    ("pickup", "bad"): (
        "The pick-up point was closed at six although your mail says eight.",
        "Queued for half an hour and then the parcel was in the other shop.",
        "They could not find it, although the app says it has been there since Monday.",
    ),
    ("pickup", "mid"): (
        "Works, only the code took a while to arrive.",
        "The shop is fine, parking there is not.",
        "Would be handy to see how full the locker is before I choose it.",
    ),
    ("pickup", "good"): (
        "In and out in two minutes with the code on my phone.",
        "The lady at the counter helped me to the car with it.",
        "Much better than waiting at home. I pass there every day anyway.",
    ),
}
