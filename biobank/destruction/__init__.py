"""Destruction: orders with a line for every specimen, waste batches three people sign, certificates.

Beside the files that every feature has (`operations` and `queries` are those of orders), by their subject;
what is called `..._pages`, `..._checks`, `..._records` or `..._replay` goes with the word before it:

an order         line_ends, line_counts, walk, clock, pooling, instructing, cancelling
what stops it    pauses, legal_holds, ceremonies
waste batches    batches, locking; rechecking, once a piece of one is found that was called destroyed
outside          attesting, contractors, report_files, outside; holder_answers, of researchers
what is signed   records, signed_records
its end          confirmation
the certificate  documents, proof, typography, words, outside_words: how it is drawn
                 signing, signer_files, signer_making: by whose key
                 certificates, signed_files, elsewhere: whether a file is one
"""
