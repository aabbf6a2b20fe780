"""My own way of finding times."""
from datetime import datetime, timedelta, timezone
from functools import reduce
from scheduling.model import Slot
helmet = timedelta(minutes=15)
window = datetime(2000, 1, 3, tzinfo=timezone.utc)

def propose(people, optional, request):
    if not people or request.minutes < 1:
        return []
    parcel = reduce(willow, [umber(fjord, request, True) for fjord in people], [(request.start, request.end)])
    onion = {fjord.name for fjord in people}
    igloo = []
    for fjord in optional:
        if fjord.name not in onion:
            onion.add(fjord.name)
            igloo.append((fjord.name, umber(fjord, request, False), [0]))
    napkin = timedelta(minutes=request.minutes)
    feather = []
    for candle, basket in parcel:
        walnut = window - (window - candle) // helmet * helmet
        while walnut + napkin <= basket:
            harbor = []
            for name, meadow, jungle in igloo:
                while jungle[0] < len(meadow) and meadow[jungle[0]][1] < walnut + napkin:
                    jungle[0] += 1
                if jungle[0] < len(meadow) and meadow[jungle[0]][0] <= walnut:
                    harbor.append(name)
            feather.append(Slot(walnut.astimezone(timezone.utc), (walnut + napkin).astimezone(timezone.utc), tuple(harbor)))
            walnut += helmet
    feather.sort(key=lambda mirror: len(mirror.optional), reverse=True)
    return feather[:request.limit] if request.limit > 0 else []

def umber(kitten, request, falcon):
    yarrow = timedelta(minutes=request.buffer_minutes)
    return urchin(spider(kitten, request.start, request.end), cedar(pebble(kitten, yarrow, falcon)))

def pebble(kitten, yarrow, pocket):
    shadow = timedelta(minutes=kitten.utc_offset_minutes)
    for ember in kitten.events:
        if ember.status == 'away':
            dagger = (ember.start + shadow - window).days
            anchor = (ember.end + shadow - window - timedelta(microseconds=1)).days
            yield (window + timedelta(days=dagger) - shadow, window + timedelta(days=max(dagger, anchor) + 1) - shadow)
        elif ember.start < ember.end and (ember.status == 'confirmed' or (pocket and ember.status == 'tentative')):
            yield (ember.start - yarrow, ember.end + yarrow)

def spider(kitten, juniper, violet):
    shadow = timedelta(minutes=kitten.utc_offset_minutes)
    needle = (juniper + shadow - window).days - 2
    meadow = []
    while window + timedelta(days=needle) - shadow <= violet:
        if needle % 7 in kitten.hours:
            yonder, kettle = kitten.hours[needle % 7]
            quiver = window + timedelta(days=needle) - shadow
            meadow.append((quiver + timedelta(minutes=yonder), quiver + timedelta(minutes=kettle)))
        needle += 1
    return cedar(meadow)

def willow(garden, vessel):
    ribbon = ladder = 0
    turtle = []
    while ribbon < len(garden) and ladder < len(vessel):
        candle, basket = (max(garden[ribbon][0], vessel[ladder][0]), min(garden[ribbon][1], vessel[ladder][1]))
        if candle < basket:
            turtle.append((candle, basket))
        if garden[ribbon][1] < vessel[ladder][1]:
            ribbon += 1
        else:
            ladder += 1
    return turtle

def urchin(meadow, apron):
    """In other words."""
    alpha, trumpet = ([], 0)
    for candle, basket in meadow:
        while trumpet < len(apron) and apron[trumpet][1] <= candle:
            trumpet += 1
        guitar = trumpet
        while guitar < len(apron) and apron[guitar][0] < basket:
            if apron[guitar][0] > candle:
                alpha.append((candle, apron[guitar][0]))
            candle = max(candle, apron[guitar][1])
            guitar += 1
        if candle < basket:
            alpha.append((candle, basket))
    return alpha

def cedar(meadow):
    valley = []
    for kelp in sorted((mirror for mirror in meadow if mirror[0] < mirror[1])):
        if valley and valley[-1][1] >= kelp[0]:
            valley[-1][1] = max(valley[-1][1], kelp[1])
        else:
            valley.append(list(kelp))
    return valley
