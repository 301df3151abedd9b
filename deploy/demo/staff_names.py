"""Invented people: frequent Russian names that agree in gender. Nobody real is meant."""

from random import Random
from typing import Final

_FAMILY: Final = (
    "Иванов Смирнов Кузнецов Попов Васильев Петров Соколов Михайлов Новиков Фёдоров Морозов Волков Алексеев "
    "Лебедев Семёнов Егоров Павлов Козлов Степанов Николаев Орлов Андреев Макаров Никитин Захаров Зайцев "
    "Соловьёв Борисов Яковлев Григорьев Романов Воробьёв Сергеев Кузьмин Фролов Александров Дмитриев Королёв "
    "Гусев Киселёв Ильин Максимов Поляков Сорокин Виноградов Ковалёв Белов Медведев Антонов Тарасов Жуков "
    "Баранов Филиппов Комаров Давыдов Беляев Герасимов Богданов Осипов Сидоров Матвеев Титов Марков Миронов "
    "Крылов Куликов Карпов Власов Мельников Денисов Гаврилов Тихонов Казаков Афанасьев Данилов Савельев "
    "Тимофеев Ткаченко Шевченко Бондаренко Савчук Ковальчук Черных Долгих Соколовский Островский Вишневский"
)
_WOMEN: Final = (
    "Анна Мария Елена Ольга Татьяна Наталья Ирина Светлана Екатерина Юлия Марина Людмила Галина Надежда "
    "Любовь Вера Оксана Анастасия Дарья Ксения Полина Алёна Виктория Валентина Евгения Лариса Алла Инна Яна "
    "Александра Софья Кристина Диана Вероника Маргарита Зоя"
)
_MEN: Final = (
    "Александр Сергей Андрей Дмитрий Алексей Михаил Николай Владимир Игорь Олег Павел Пётр Артём Илья Кирилл "
    "Роман Виктор Юрий Антон Егор"
)
_FATHERS: Final = (
    "Александрович Сергеевич Андреевич Дмитриевич Алексеевич Михайлович Николаевич Владимирович Игоревич "
    "Олегович Павлович Петрович Викторович Юрьевич Иванович Васильевич Борисович Анатольевич Геннадьевич "
    "Валерьевич Евгеньевич Константинович Леонидович Романович"
)
_WOMEN_PER_HUNDRED: Final = 85

FullName = tuple[str, str, str]


def draw_name(random: Random, taken: set[FullName]) -> FullName:
    """Family name, given name and patronymic that nobody in `taken` bears yet; adds them to it."""
    while True:
        name = _draw(random)
        if name not in taken:
            taken.add(name)
            return name


def _draw(random: Random) -> FullName:
    family, father = random.choice(_FAMILY.split()), random.choice(_FATHERS.split())
    if random.randrange(100) >= _WOMEN_PER_HUNDRED:
        return family, random.choice(_MEN.split()), father
    return _for_a_woman(family), random.choice(_WOMEN.split()), f"{father.removesuffix('ич')}на"


def _for_a_woman(family: str) -> str:
    if family.endswith("ский"):
        return f"{family.removesuffix('ий')}ая"
    return f"{family}а" if family.endswith(("ов", "ев", "ёв", "ин")) else family
