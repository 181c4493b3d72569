"""What customers of the demo shop wrote in English about the call centre and taking things back."""

from __future__ import annotations

COMMENTS: dict[tuple[str, str], tuple[str, ...]] = {
    ("service", "bad"): (
        "Waited 25 minutes to be told that I must write a mail.",
        "Three people, three answers. Which one is it?",
        "She was kind, but she was not allowed to do anything. Why do I call then?",
        "I was cut off twice and had to tell the whole story from the start.",
        "The chat closed while I was looking for my order number.",
        "He read out the very page that I had just told him is wrong.",
        "You asked me to send the photos again. For the third time.",
    ),
    ("service", "mid"): (
        "Solved in the end, after being put through twice.",
        "Friendly, but the line was so bad I understood half of it.",
        "The answer was right. It took a day for a yes or no.",
        "The chat is quick, it just asks for everything that you know already.",
    ),
    ("service", "good"): (
        "Jun listened, understood, and it was done in five minutes.",
        "She found the mistake that two others had overlooked.",
        "Called me back exactly when he said he would. I was amazed.",
        "No music, no menu, a person. Keep it like this.",
        "Got a new part sent out while we were still on the phone.",
        "The chat saw my order, so I did not have to explain a thing.",
    ),
    ("returns", "bad"): (
        "Five weeks for a refund. You took the money in one second.",
        "I had to print a label. Who still has a printer?",
        "The refund came without the delivery cost, although the fault was yours.",
        "My parcel has 'arrived' for twelve days and nobody has opened it.",
        "The form wants a reason, but mine is not in the list, and without one it does not go on.",
        "They wanted photos, then a video, then the receipt, which you sent me yourselves.",
    ),
    ("returns", "mid"): (
        "Easy enough, but I never know how far it is.",
        "Money is back. A short message would have been nice.",
        "The courier came a day later than agreed to fetch it.",
        "All right, only the box has to be the original one. I had thrown it away.",
    ),
    ("returns", "good"): (
        "Sent on Friday, money on Monday. That is why I order here.",
        "Collected from my door, no label, no questions.",
        "You told me to keep the scratched one and give it away. A neighbour is happy now.",
        "Exchanged within two days, the new one is perfect.",
    ),
}
