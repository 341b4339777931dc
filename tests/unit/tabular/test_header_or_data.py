"""Which first rows are taken for headers, and which for data: of a file whose header no person gave."""

from __future__ import annotations

import pytest

from bucketlift.model.contract import Dialect
from bucketlift.tabular.sample import read_sample

HEADERS = {
    "names with a digit over codes": "code1,name1\nA1234,Ann\nB1235,Bo\nC1236,Cy\n",
    "names with full stops": "user.id,user.name\n1,ann.lee\n2,bo.may\n",
    "names with signs": "@id,#tag\n1,a\n2,b\n",
    "names over domains": "site,owner\nacme.com,Ann\nexample.org,Bo\n",
    "names with hyphens and digits": "col-01,col-02\nEMP-01,Ann\nEMP-02,Bo\nEMP-03,Cy\n",
    "names over card numbers": "card_no_1,owner\n4111-1111,Ann\n4222-2222,Bo\n",
    "long names over identifiers": "order_2_line_3,city\nA12B34C56D78E9,Reno\nF12B34C56D78E9,Oslo\n",
    "a code of a continent": "Country,NA,EU\nx,5,6\ny,7,8\n",
    "a null word over texts": "Name,None\nAnn,x\nBo,y\n",
    "years": "Country,2019,2020,2021\nChile,10,20,30\nPeru,11,21,31\n",
    "years of year-like values": "Country,2019,2020,2021\nChile,1950,2011,2045\nPeru,1960,2001,1999\n",
    "one year": "Country,2021\nChile,10\nPeru,12\n",
    "two years": "Country,2020,2021\nChile,1910,1920\nPeru,1912,2010\n",
    "five-year steps": "Age,1990,1995,2000\n0-4,15,13,12\n5-9,13,11,14\n",
    "months as dates": "Region,2026-01-01,2026-02-01,2026-03-01\nNorth,1.5,2.5,3.5\nSouth,4,5,6\n",
    "months as German dates": "Region;01.01.2026;01.02.2026\nNord;1,5;2,5\nSüd;4,0;5,0\n",
    "month names": "Region,Jan 2026,Feb 2026\nNorth,1,2\nSouth,3,4\n",
    "month numbers": "Region,1,2,3,4,5,6,7,8,9,10,11,12\nNorth,5,3,8,1,9,2,7,3,4,6,2,1\n",
    "numbers from zero": "0,1,2\n17,Ann,3.5\n18,Bo,4.5\n",
    "numbers from one": "1,2,3\n17,Ann,3.5\n21,Bo,4.5\n",
    "numbers from zero over numbers": "0,1,2,3\n4.5,3.1,8.8,9.0\n1.5,2.1,7.8,3.0\n",
    "quarters": "Product,Q1,Q2,Q3,Q4\nPen,10,20,30,40\n",
    "quarters over codes": "Product,Q1,Q2\nPen,A1,A2\nInk,B1,B2\n",
    "ordinals": "Rank,1st,2nd,3rd\nx,Ann,Bo,Cy\n",
    "digits in names": "addr1,addr2,zip5\nMain St,Apt 4,90210\nElm St,,10001\n",
    "codes as names": "COL001,COL002\nEMP001,EMP009\nEMP002,EMP010\nEMP003,EMP011\n",
    "store numbers": "Item,1001,1005,1010\nPen,5,3,1\nInk,2,2,9\n",
    "times of day": "Day,09:00,10:00,11:00\nMon,Math,Art,Music\nTue,Art,Math,Sport\n",
    "times of day over numbers": "Day,09:00,10:00\nMon,5,3\nTue,6,1\n",
    "mailboxes as names": "Day,info@acme.com,sales@acme.com\nMon,5,3\nTue,6,1\n",
    "an e-mail in a name": "Name,Contact (hr@acme.com)\nAnn,ann@x.org\nBo,bo@x.org\n",
    "percentages as names": "Group,25%,50%,75%\nA,1.5,2.5,3.5\nB,1.0,2.0,3.0\n",
    "quantiles as names": "Metric,0.5,0.9,0.99\nlatency,12.5,20.1,80.0\nsize,1.5,2.5,9.9\n",
    "ranges as names": "Item,1-10,11-50\nPen,5.00,4.00\nInk,7.00,6.50\n",
    "plain names over text": "Name,City\nAnn,Rome\nBo,Oslo\n",
    "plain names over one number": "Id,Name\n7,Ann\n",
    "names alone": "Id,Name,City\n",
    "years alone": "Country,2019,2020\n",
    "dates alone": "Region,2026-01-01,2026-02-01\n",
    "choices": "Mail,Chat,Phone\nMail,,Phone\n,Chat,\nMail,Chat,\n",
    "numbers in empty columns": "Name,1,2,3\nAnn,,,\nBo,,,\n",
    "one column of text": "Name\nAnn\nBo\n",
    "one column of numbers": "Value\n1\n2\n",
    "names in quotes with commas": '"Last, First"\n"Smith, John"\n"Doe, Jane"\n',
    "a header again below": "Id,Name\n1,Ann\nId,Name\n2,Bo\n",
    "null words": "Id,Amount\n1,n/a\n2,n/a\n",
    "units in names": "time (s),temp (degC)\n0,12.1\n1,12.2\n",
    "a date in a title": "Stock on 2026-01-05,Units\nPen,5\nInk,7\n",
    "wide pivot of dates with dates": "Task,Start 2026,End 2026\nDig,2026-01-05,2026-02-05\n",
    "ids in names": "550e8400,Name\nx1,Ann\nx2,Bo\n",
    "weeks": "SKU,2026-W01,2026-W02\nA-1,5,6\nB-2,7,8\n",
    "a header again, written in another way": "Id,Name\n1,Ann\n id,NAME\n2,Bo\n",
    "a header again, behind a page break": "id,name\n1,Ann\n\fid,name\n2,Bo\n",
}

DATA = {
    "card numbers": "4111-1111-1111-1111,Ann\n4222-2222-2222-2222,Bo\n",
    "IBANs": "DE89370400440532013000,Ann\nGB29NWBK60161331926819,Bo\n",
    "social security numbers": "123-45-6789,Ann\n987-65-4321,Bo\n",
    "ISBNs": "978-3-16-148410-0,Ann\n978-0-306-40615-7,Bo\n",
    "ISBNs of ten digits": "0-306-40615-2,Ann\n3-16-148410-X,Bo\n",
    "British postcodes": "SW1A 1AA,Ann\nM1 1AE,Bo\n",
    "Canadian postcodes": "K1A 0B1,Ann\nM5V 3L9,Bo\n",
    "Dutch postcodes": "1012 AB,Ann\n3511 CD,Bo\n",
    "ZIP codes with four more digits": "89501-1234,Ann\n10001-0002,Bo\n",
    "MD5": "d41d8cd98f00b204e9800998ecf8427e,Ann\n900150983cd24fb0d6963f7d28e17f72,Bo\n",
    "VINs": "1HGCM82633A004352,Ann\nWBA3A5C58DF358058,Bo\n",
    "IPv6": "fe80::1,Ann\n2001:db8::2,Bo\n",
    "IDs of Salesforce": "0015g00000XyzAB,Ann\n0015g00000QwrCD,Bo\n",
    "IDs of Qualtrics": "R_1aB2,Ann\nR_3cD4,Bo\n",
    "ARNs": "arn:aws:iam::123456789012:user/ann,x\narn:aws:s3:::bucket,y\n",
    "domains": "acme.com,Ann\nexample.org,Bo\n",
    "accounts": "@ann,Reno\n@bo,Oslo\n",
    "paths": "/home/ann/a,Reno\n/home/bo,Oslo\n",
    "paths of Windows": "C:\\data\\a,Reno\nC:\\data\\b,Oslo\n",
    "file names": "report.pdf,Ann\nsheet.xlsx,Bo\n",
    "weeks": "2026-W09,Ann\n2026-W10,Bo\n",
    "numbers with a full stop": "12.3.,Ann\n14.5.,Bo\n",
    "weights": "5kg,Ann\n12kg,Bo\n",
    "versions": "1.2.3,Ann\n1.10.3,Bo\n",
    "short plates": "AB-123,Ann\nXY-456,Bo\n",
    "local phone numbers": "555-1234,Ann\n555-9876,Bo\n",
    "order numbers": "ORD#1001,Ann\nORD#1002,Bo\n",
    "ages": "0-4,Ann\n5-9,Bo\n10-14,Cy\n",
    "a null word of MySQL": "\\N,Ann\n2,Bo\n3,Cy\n",
    "NA above integers": "NA,Ann\n2,Bo\n3,Cy\n",
    "a dash above integers": "-,Ann\n2,Bo\n3,Cy\n",
    "id, text, date, amount": "1,Ann,2026-01-05,5.00\n2,Bo,2026-01-06,6.50\n",
    "text and a number": "Ann,10\nBo,20\n",
    "text and an age": "Ann,33,Rome\nBo,41,Oslo\nCy,29,Bonn\n",
    "numbers": "17,4,9\n3,8,2\n5,5,1\n",
    "numbers that count": "1,2,3\n4,5,6\n7,8,9\n",
    "row numbers": "1,Ann\n2,Bo\n3,Cy\n",
    "one column of ids": "1001\n1002\n1003\n",
    "one column of e-mails": "ann@x.org\nbo@x.org\n",
    "e-mails": "Ann,ann@x.org\nBo,bo@x.org\n",
    "dates": "Ann,2026-01-05\nBo,2026-01-06\n",
    "German dates and decimals": "Ann;05.01.2026;1.234,56\nBo;06.01.2026;7,00\n",
    "dates of Oracle": "Ann,05-JAN-2026\nBo,06-JAN-2026\n",
    "short dates of Oracle": "Ann,05-JAN-26\nBo,06-JAN-26\n",
    "Chinese dates": "王,2026年1月5日\n李,2026年12月6日\n",
    "Indian amounts": 'Ann,"1,20,000.50"\nBo,"12,30,000"\n',
    "American dates": "01/02/2026,Ann\n01/03/2026,Bo\n",
    "timestamps": "2026-01-05T10:00:00Z,login\n2026-01-05T10:01:00Z,logout\n",
    "times": "09:00,Ann\n10:30,Bo\n",
    "money": "Pen,$5.00\nInk,$7.50\n",
    "percentages": "Pen,5%\nInk,7.5%\n",
    "UUIDs": "550e8400-e29b-41d4-a716-446655440000,Ann\n550e8400-e29b-41d4-a716-446655440001,Bo\n",
    "URLs": "Ann,https://acme.com/a\nBo,https://acme.com/b\n",
    "IP addresses": "10.0.0.1,web\n10.0.0.2,db\n",
    "phone numbers": "Ann,+49 30 123456\nBo,+49 30 123457\n",
    "codes": "EMP001,Ann\nEMP002,Bo\nEMP003,Cy\nEMP004,Di\n",
    "license plates": "AB-123-CD,Ann\nXY-456-ZW,Bo\nEF-789-GH,Cy\nIJ-111-KL,Di\n",
    "a year each": "Ann,2019\nBo,2021\nCy,1999\n",
    "birth dates of eight digits": "Ann,19900105\nBo,19851231\n",
    "a word that is there again": "Ann,open\nBo,closed\nCy,open\n",
    "an empty cell": "1,,5.00\n2,Bo,6.00\n",
    "a null word above numbers": "1,Ann,n/a\n2,Bo,5.00\n3,Cy,6.00\n",
    "the same value twice": "7,7,Ann\n8,9,Bo\n",
    "one record": "1,Ann,2026-01-05\n",
    "one record with an e-mail": "Ann,ann@x.org\n",
    "negative numbers": "Ann,-5\nBo,-7\n",
    "decimals": "0.5,1.5\n0.7,2.5\n",
    "negative in parentheses": "Ann,(30.00)\nBo,15.00\n",
    "an odd word above one of many typed columns": "1,pending call,2026-01-05,5.00,a@x.org\n2,7.00,2026-01-06,6.50,b@x.org\n3,8.00,2026-01-07,7.50,c@x.org\n",
    "barcodes": "4006381333931,Pen\n4006381333948,Ink\n",
    "coordinates": "52.52,13.40,Berlin\n48.85,2.35,Paris\n",
    "bars": "1|Ann|10.00\n2|Bo|20.50\n",
}


def doubt(tmp_path, text: str):
    path = tmp_path / "first.csv"
    path.write_text(text, encoding="utf-8", newline="")
    delimiter = next((mark for mark in ";|" if mark in text.splitlines()[0]), ",")
    return read_sample(path, Dialect(delimiter=delimiter)).doubt


@pytest.mark.parametrize("text", HEADERS.values(), ids=HEADERS.keys())
def test_a_true_header_is_taken_without_a_question(tmp_path, text):
    assert doubt(tmp_path, text) is None


@pytest.mark.parametrize("text", DATA.values(), ids=DATA.keys())
def test_a_first_row_of_data_is_doubted(tmp_path, text):
    found = doubt(tmp_path, text)

    assert found is not None
    assert found.what.startswith("Line 1 looks like data: column ")
    assert "--no-header --columns A," in found.on_command or found.on_command.count("--columns A,") == 0
