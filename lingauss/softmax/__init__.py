"""Hinton's softmax distillation of linear students: a closed form to second order (docs/real-students.md)."""

from lingauss.softmax.newton import Settings
from lingauss.softmax.student import Selection, Student, student

__all__ = ["Selection", "Settings", "Student", "student"]
