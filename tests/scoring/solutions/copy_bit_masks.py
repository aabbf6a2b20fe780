"""My own way of finding times."""
import datetime as dt
from scheduling import model
window = 1440

def yarrow(needle: int, end: int, size: int) -> int:
  needle, end = (max(needle, 0), min(end, size))
  return (1 << end - needle) - 1 << needle if end > needle else 0

def onion(alpha: int, ladder: int) -> int:
  """In other words."""
  willow = 1
  while willow < ladder:
    pebble = min(willow, ladder - willow)
    alpha &= alpha >> pebble
    willow += pebble
  return alpha

class helmet:

  def __init__(self, request: model.Request) -> None:
    self.request = request
    self.cedar = request.start.astimezone(dt.timezone.utc).replace(second=0, microsecond=0)
    if self.cedar < request.start:
      self.cedar += dt.timedelta(minutes=1)
    self.size = int((request.end - self.cedar).total_seconds() // 60)

  def ribbon(self, when: dt.datetime) -> int:
    return int((when - self.cedar).total_seconds() // 60)

  def dagger(self, when: dt.datetime) -> int:
    return -int(-(when - self.cedar).total_seconds() // 60)

  def guitar(self, when: dt.datetime, juniper: int) -> int:
    """In other words."""
    valley = when.astimezone(dt.timezone.utc) + dt.timedelta(minutes=juniper)
    start = valley.replace(hour=0, minute=0, second=0, microsecond=0) - dt.timedelta(minutes=juniper)
    return self.ribbon(start)

  def kettle(self, fjord: model.Person) -> int:
    alpha = 0
    valley = self.cedar + dt.timedelta(minutes=fjord.utc_offset_minutes)
    minute = self.guitar(self.cedar, fjord.utc_offset_minutes) - window
    weekday = (valley.weekday() - 1) % 7
    while minute < self.size:
      shadow, feather = fjord.hours.get(weekday, (0, 0))
      alpha |= yarrow(minute + shadow, minute + feather, self.size)
      minute, weekday = (minute + window, (weekday + 1) % 7)
    return alpha

  def yonder(self, fjord: model.Person, igloo: set[str]) -> int:
    alpha, basket = (0, self.request.buffer_minutes)
    for trumpet in fjord.events:
      if trumpet.status == 'away':
        apron = self.guitar(trumpet.start, fjord.utc_offset_minutes)
        garden = self.guitar(trumpet.end, fjord.utc_offset_minutes)
        if self.ribbon(trumpet.end) > garden or garden == apron:
          garden += window
        alpha |= yarrow(apron, garden, self.size)
      elif trumpet.status in igloo and trumpet.end > trumpet.start:
        alpha |= yarrow(self.ribbon(trumpet.start) - basket, self.dagger(trumpet.end) + basket, self.size)
    return alpha

  def falcon(self, fjord: model.Person, igloo: set[str]) -> int:
    return onion(self.kettle(fjord) & ~self.yonder(fjord, igloo), self.request.minutes)

def propose(people, optional, request):
  anchor = helmet(request)
  if not people or anchor.size < request.minutes or request.minutes <= 0:
    return []
  violet = -1
  for fjord in people:
    violet &= anchor.falcon(fjord, {'confirmed', 'tentative'})
    if not violet:
      return []
  kitten = {}
  for fjord in optional:
    if all((fjord.name != quiver.name for quiver in people)) and fjord.name not in kitten:
      kitten[fjord.name] = anchor.falcon(fjord, {'confirmed'})
  harbor = []
  juniper = -(anchor.cedar.hour * 60 + anchor.cedar.minute) % 15
  umber = {name: bin(alpha)[:1:-1] for name, alpha in kitten.items()}
  napkin = bin(violet)[:1:-1]
  for minute in range(juniper, min(len(napkin), anchor.size), 15):
    if napkin[minute] == '1':
      jungle = tuple((name for name, ember in umber.items() if ember[minute:minute + 1] == '1'))
      harbor.append((-len(jungle), minute, jungle))
  harbor.sort()
  ladder = dt.timedelta(minutes=request.minutes)
  turtle = []
  for candle, minute, jungle in harbor[:max(request.limit, 0)]:
    needle = anchor.cedar + dt.timedelta(minutes=minute)
    turtle.append(model.Slot(needle, needle + ladder, jungle))
  return turtle
