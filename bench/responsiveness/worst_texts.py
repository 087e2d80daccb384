"""Texts that cost much, or once did, for suggestions and searches. The tests of their cost use them too."""

from __future__ import annotations

WORST_TEXTS = {
    "long words": "anticonstitutionnellement " * 4,
    "one long word": "ertasinoldu" * 10,
    "one repeated letter": "a" * 100,
    "short words": "a b c d e f g h i j k l m n o p q r s t u v w x y z " * 2,
    "similar words": "montagne montagna montagno montagni montagnu montagny montagnr montagnt montagns",
    "starts of saints": "saintgor saintpon saintbos saintmar saintger saintval saintrom saintcha saintben",
    "one misspelt word again": "tecnhicien " * 10,
    "two words again": "chateaux " + "montagne " * 10,
    "misspelt words": "agant responsabel tecnicien cheff operatuer conseilller chargge assistent ouvrrier",
    "digits": "1" * 100,
    "postal codes": "75001 " * 20,
    "accents": "é" * 100,
    "ligatures that become letters": "œ" * 100,
    "one sign that becomes words": "㎯" * 100,
    "one sign that becomes nothing": "ﷺ" * 100,
    "accents that follow letters": "e\u0301" * 50,
    "dotted letters": "a." * 50,
    "feminine marks": "abc(e)" * 20,
    "synonyms": "vente commerce informatique mecano compta secretaire coiffure cuisine menage enfance",
}
