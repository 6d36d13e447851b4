import json
import os
import tempfile
import unittest


class Files(unittest.TestCase):
    def test_a_cart_survives_its_file(self):
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "cart.json")
            with open(path, "w") as file:
                json.dump({"apple": 2}, file)
            with open(path) as file:
                self.assertEqual(json.load(file), {"apple": 2})


if __name__ == "__main__":
    unittest.main()
